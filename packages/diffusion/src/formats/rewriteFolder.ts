/** A model folder with other weights: in another type, or with LoRAs merged into it. */

import { join, resolve } from "node:path"
import type { StreamedTensor } from "@fjord/engine"
import { type ModelFolder, openModelFolder, weightedComponents } from "../folder/modelFolder.ts"
import type { CatalogueEntry, WeightedComponentName } from "../folder/weightCatalogue.ts"
import { weightFileName, writePipeline } from "../folder/writePipeline.ts"
import type { LoraLayer } from "../lora/loadLora.ts"
import { loadLoraFor } from "../lora/loadLoraFor.ts"
import { copied, readNumbers, type StoredTensor, toBytes, type WeightType } from "./storedTensor.ts"
import { refuseExisting, type TransferOptions, type TransferResult, watched } from "./transfer.ts"

/** Writes the folder `output` with the weights of `directory` in another type; float16 halves it. */
export async function convertWeights(
  directory: string,
  output: string,
  dataType: WeightType,
  options: TransferOptions = {},
): Promise<TransferResult> {
  const target = resolve(output)
  await refuseExisting(target)
  const folder = await openModelFolder(directory)
  const streamed = new Map(
    weightedComponents(folder).map(({ name, weights }) => [
      name,
      watchedComponent(
        name,
        [...weights].map(([key, entry]) => copied(key, [storedOf(entry)], { dataType, shape: entry.shape })),
        options,
      ),
    ]),
  )
  const { notes } = await writePipeline(target, { base: folder, streamed })
  return { output: target, notes }
}

export interface MergeOptions extends TransferOptions {
  readonly loras: readonly { readonly file: string; readonly weight: number }[]
}

/**
 * Writes the folder `output` with the LoRAs merged into the weights of `model`: W + weight · (alpha / rank) · up · down.
 * The type of each weight stays. One weight is in memory at a time.
 * @throws one sentence where a LoRA does not fit, or a weight to be changed is not finite.
 */
export async function mergeLoras(
  model: string,
  output: string,
  { loras, ...options }: MergeOptions,
): Promise<TransferResult> {
  const target = resolve(output)
  await refuseExisting(target)
  const folder = await openModelFolder(model)
  const changes = new Map<string, Change[]>()
  for (const { file, weight } of loras)
    for (const layer of (await loadLoraFor(folder, file)).layers) {
      const key = `${layer.component}.${layer.module}.weight`
      changes.set(key, [...(changes.get(key) ?? []), { layer, scale: (weight * layer.alpha) / layer.rank }])
    }
  const { notes } = await writePipeline(target, { base: folder, streamed: mergedComponents(folder, changes, options) })
  return { output: target, notes: [...notes, `${changes.size} weights were changed.`] }
}

interface Change {
  readonly layer: LoraLayer
  readonly scale: number
}

function mergedComponents(
  folder: ModelFolder,
  changes: ReadonlyMap<string, readonly Change[]>,
  options: TransferOptions,
): Map<WeightedComponentName, StreamedTensor[]> {
  const streamed = new Map<WeightedComponentName, StreamedTensor[]>()
  for (const { name, weights } of weightedComponents(folder)) {
    if (![...weights.keys()].some((key) => changes.has(`${name}.${key}`))) continue
    const tensors = [...weights].map(([key, entry]) => {
      const stored = storedOf(entry)
      const own = changes.get(`${name}.${key}`)
      const tensor = copied(key, [stored], { shape: entry.shape })
      return own === undefined ? tensor : { ...tensor, bytes: () => mergedBytes(tensor, stored, own) }
    })
    streamed.set(name, watchedComponent(name, tensors, options))
  }
  return streamed
}

async function* mergedBytes(
  { name, dataType }: StreamedTensor,
  stored: StoredTensor,
  changes: readonly Change[],
): AsyncGenerator<Uint8Array> {
  const numbers = await readNumbers(stored)
  const at = numbers.findIndex((value) => !Number.isFinite(value))
  if (at >= 0)
    throw new Error(
      `${stored.path} holds ${numbers[at]} in ${name}; its training went wrong or it is damaged: use another model.`,
    )
  for (const change of changes) addProduct(numbers, change)
  yield toBytes(numbers, dataType === "F16" || dataType === "BF16" ? dataType : "F32", name)
}

/** numbers += scale · up · down, where down is [rank, in · kernel] and up [out, rank]; summed in double. */
function addProduct(numbers: Float32Array, { layer: { up, down, rank }, scale }: Change): void {
  const rows = up.data.length / rank
  const columns = down.data.length / rank
  const row = new Float64Array(columns)
  for (let i = 0; i < rows; i++) {
    row.fill(0)
    for (let r = 0; r < rank; r++) {
      const factor = scale * (up.data[i * rank + r] as number)
      if (factor === 0) continue
      const offset = r * columns
      for (let j = 0; j < columns; j++) row[j] = (row[j] as number) + factor * (down.data[offset + j] as number)
    }
    for (let j = 0; j < columns; j++)
      numbers[i * columns + j] = (numbers[i * columns + j] as number) + (row[j] as number)
  }
}

function storedOf({ file, ...entry }: CatalogueEntry): StoredTensor {
  return { ...entry, path: file.path }
}

function watchedComponent(name: WeightedComponentName, tensors: readonly StreamedTensor[], options: TransferOptions) {
  return watched(
    join(name, weightFileName(name)),
    tensors.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    options,
  )
}

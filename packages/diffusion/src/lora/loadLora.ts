/** Reading LoRA files of every common style into one form. */
import { readFloat32, readTensor, type SafetensorsFile } from "@fjord/engine"
import { listed, refusePickle } from "../formats/transfer.ts"
import { type LoraComponent, LoraKeyResolver, type LoraModuleNames, otherAdapterKind } from "./loraKeys.ts"
import { type AdapterMetadata, readAdapterMetadata } from "./loraMetadata.ts"
import { type LoraSource, loraSources } from "./loraSource.ts"

/** Shapes of a component's weights by key; a WeightCatalogue is one. */
export type WeightShapes = ReadonlyMap<string, { readonly shape: readonly number[] }>

/** One factor of a LoRA layer, row-major. */
export interface LoraMatrix {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

/** W' = W + scale · (alpha / rank) · up · down, for one module. */
export interface LoraLayer {
  readonly component: LoraComponent
  /** Path of the module, for example `down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q`. */
  readonly module: string
  /** [rank, in] or, for a convolution, [rank, in, height, width]. */
  readonly down: LoraMatrix
  /** [out, rank] or, for a convolution, [out, rank, 1, 1]. */
  readonly up: LoraMatrix
  /** Effective alpha; equal to the rank where the file says nothing. */
  readonly alpha: number
  readonly rank: number
}

export interface LoraFile {
  /** The file, or the folder of a PEFT adapter. */
  readonly path: string
  /** The .safetensors files that were read. */
  readonly files: readonly string[]
  /** The type of all its tensors, F32 where they differ. */
  readonly dataType: "F32" | "F16" | "BF16"
  /** The file's metadata strings (ss_*, modelspec.*, lora_adapter_metadata, …). */
  readonly metadata: Readonly<Record<string, string>>
  /** Sorted by component and module. */
  readonly layers: readonly LoraLayer[]
}

/** Modules a LoRA may change: all 2-D and 4-D weights but embeddings, without ".weight". */
export function loraModules(weights: WeightShapes): string[] {
  const names: string[] = []
  for (const [key, { shape }] of weights) {
    const isMatrix = shape.length === 2 || shape.length === 4
    if (isMatrix && key.endsWith(".weight") && !key.includes("embeddings.")) names.push(key.slice(0, -".weight".length))
  }
  return names
}

interface LayerKeys {
  readonly component: LoraComponent
  readonly module: string
  down?: string
  up?: string
  alpha?: string
}

/** @throws one sentence that names LyCORIS, DoRA, OFT and other adapters. */
export function refuseOtherAdapters(file: SafetensorsFile): void {
  for (const key of file.tensors.keys()) {
    const kind = otherAdapterKind(key)
    if (kind === null) continue
    throw new Error(
      `The LoRA file ${file.path} is ${kind} (key ${key}), which is not supported; use a plain LoRA file.`,
    )
  }
}

/** Groups the keys of a file by layer; throws for other adapters, for keys that fit nothing and for duplicates. */
function groupKeys({ file, component }: LoraSource, resolver: LoraKeyResolver): LayerKeys[] {
  refuseOtherAdapters(file)
  const layers = new Map<string, LayerKeys>()
  const unmatched: string[] = []
  for (const key of file.tensors.keys()) {
    const found = resolver.resolve(
      component === undefined ? key : `${component}.${key.replace(/^base_model\.model\./, "")}`,
    )
    if (found === null) {
      unmatched.push(key)
      continue
    }
    const id = `${found.component}.${found.module}`
    const layer = layers.get(id) ?? { component: found.component, module: found.module }
    if (layer[found.part] !== undefined) {
      throw new Error(
        `The LoRA file ${file.path} has two ${found.part} tensors for ${id}: ${layer[found.part]} and ${key}; ` +
          "remove one of them.",
      )
    }
    layer[found.part] = key
    layers.set(id, layer)
  }
  if (unmatched.length > 0) {
    throw new Error(
      `The LoRA file ${file.path} has ${unmatched.length} of ${file.tensors.size} keys that fit no module of this ` +
        `model: ${listed(unmatched)}; use a LoRA that was made for this kind of model.`,
    )
  }
  if (layers.size === 0)
    throw new Error(`The LoRA file ${file.path} has no LoRA tensors; give a file with LoRA weights.`)
  return [...layers].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, layer]) => layer)
}

async function readMatrix(file: SafetensorsFile, key: string): Promise<LoraMatrix> {
  const shape = file.tensors.get(key)?.shape ?? []
  const data = await readFloat32(file, key)
  if (!data.every(Number.isFinite)) {
    throw new Error(
      `The LoRA file ${file.path} has NaN or infinite numbers in ${key}; its training went wrong, use another.`,
    )
  }
  return { shape, data }
}

async function readAlpha(file: SafetensorsFile, key: string): Promise<number> {
  const tensor = await readTensor(file, key)
  // sd-scripts stores an integer tensor when it was given an integer alpha.
  const isInteger = tensor.dataType.startsWith("I")
  const alpha = isInteger ? Number(tensor.data[0]) : ((await readFloat32(file, key))[0] ?? Number.NaN)
  if (tensor.data.length === 1 && Number.isFinite(alpha)) return alpha
  throw new Error(`The LoRA file ${file.path} has ${tensor.data.length} values in ${key}; wanted one finite number.`)
}

async function readLayer(file: SafetensorsFile, keys: LayerKeys, metadata: AdapterMetadata): Promise<LoraLayer> {
  const { component, module } = keys
  if (keys.down === undefined || keys.up === undefined) {
    const lacking = keys.down === undefined ? "down" : "up"
    throw new Error(
      `The LoRA file ${file.path} has no ${lacking} tensor for ${component}.${module}; fetch the file again.`,
    )
  }
  const down = await readMatrix(file, keys.down)
  const up = await readMatrix(file, keys.up)
  const [rank = 0] = down.shape
  const dimensions = down.shape.length
  const fits =
    (dimensions === 2 || dimensions === 4) &&
    up.shape.length === dimensions &&
    up.shape[1] === rank &&
    up.shape.slice(2).every((size) => size === 1) &&
    rank > 0
  if (!fits) {
    throw new Error(
      `The LoRA file ${file.path} has down [${down.shape.join(", ")}] and up [${up.shape.join(", ")}] for ` +
        `${component}.${module}; wanted [rank, in] and [out, rank], or for convolutions [rank, in, height, width] and ` +
        "[out, rank, 1, 1].",
    )
  }
  const alpha = keys.alpha === undefined ? metadata.alphaOf(component, module, rank) : await readAlpha(file, keys.alpha)
  return { component, module, down, up, alpha, rank }
}

/**
 * Reads a LoRA file: diffusers (current and old attention processors), PEFT or kohya keys, F32, F16 or BF16; or the
 * folder of a PEFT adapter. `moduleNames` are the modules of the model it is for (see loraModules).
 *
 * Throws one sentence for LyCORIS, DoRA, OFT and other adapters (by name), for keys that fit no module of the model
 * (listing them), for half layers, wrong shapes and numbers that are not finite.
 */
export async function loadLora(path: string, moduleNames: LoraModuleNames): Promise<LoraFile> {
  refusePickle(path)
  const sources = await loraSources(path)
  const resolver = new LoraKeyResolver(moduleNames)
  const layers: LoraLayer[] = []
  for (const source of sources) {
    const metadata = readAdapterMetadata(source.adapterMetadata, path)
    for (const keys of groupKeys(source, resolver)) layers.push(await readLayer(source.file, keys, metadata))
  }
  const types = new Set(
    sources.flatMap(({ file }) =>
      [...file.tensors.values()].filter(({ shape }) => shape.length > 1).map(({ dataType }) => dataType),
    ),
  )
  const [type] = types
  return {
    path,
    files: sources.map(({ file }) => file.path),
    dataType: types.size === 1 && (type === "F16" || type === "BF16") ? type : "F32",
    metadata: sources[0]?.file.metadata ?? {},
    layers,
  }
}

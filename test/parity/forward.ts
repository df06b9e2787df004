/** What the sections on forward passes share: finding pipelines and references, comparing tensors, tolerances. */

import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { type ModelFolder, openModelFolder } from "../../packages/diffusion/src/folder/modelFolder.ts"
import { attempt, type ParityCase, relativeError } from "./case.ts"
import { asNumbers, type ReadTensor, readTensors } from "./readTensors.ts"

export interface ForwardReference {
  /** Name of the pipeline, such as sd1. */
  readonly name: string
  readonly model: ModelFolder
  /** The tensors of forward/<name>/<file>; without the ones asked for when the file is absent. */
  read(file: string): Promise<ReferenceTensors | undefined>
}

export type ReferenceTensors = ReadonlyMap<string, ReadTensor>

/** The cases of every pipeline with forward references, in the order of their names; what stops one leaves the others alone. */
export async function* forwardCases(
  directory: string,
  section: string,
  cases: (reference: ForwardReference) => AsyncIterable<ParityCase>,
): AsyncGenerator<ParityCase> {
  for (const name of (await readdir(join(directory, "forward")).catch(() => [])).sort()) {
    const folder = join(directory, "pipelines", name)
    const read = async (file: string) => {
      const path = join(directory, "forward", name, file)
      return (await exists(path)) ? (await readTensors(path)).tensors : undefined
    }
    yield* attempt(`${section}/${name}`, async function* () {
      if (!(await exists(join(folder, "model_index.json")))) {
        yield { name: `${section}/${name}`, skipped: "its pipeline is not in the reference data" }
        return
      }
      let compared = false
      for await (const found of cases({ name, model: await openModelFolder(folder), read })) {
        compared = true
        yield found
      }
      if (!compared) yield { name: `${section}/${name}`, skipped: "its files hold nothing that this section compares" }
    })
  }
}

async function exists(path: string): Promise<boolean> {
  return (await readFile(path).catch(() => undefined)) !== undefined
}

/** 1e-4, or ten times the reference's own distance from float64 (relative to its largest value) where that is more. */
export async function forwardTolerance(directory: string, key: string): Promise<number> {
  const text = await readFile(join(directory, "tolerance_fp32_vs_fp64.json"), "utf8").catch(() => "{}")
  const entry: { max_abs?: number; max_ref?: number } | undefined = JSON.parse(text)[key]
  return Math.max(1e-4, (10 * (entry?.max_abs ?? 0)) / (entry?.max_ref || 1))
}

/** The relative error of `actual`, or nothing when the reference lacks the tensor. */
export function* compare(
  name: string,
  actual: ArrayLike<number> | undefined,
  expected: ReadTensor | undefined,
  tolerance: number,
): Iterable<ParityCase> {
  if (expected) yield { name, error: relativeError(actual ?? [], asNumbers(expected)), tolerance }
}

/** The first `rows` entries along the first axis. */
export function firstRows(tensor: ReadTensor, rows: number): ReadTensor {
  const [count = 1, ...rest] = tensor.shape
  const length = Math.min(rows, count)
  return { ...tensor, shape: [length, ...rest], data: tensor.data.slice(0, (tensor.data.length / count) * length) }
}

/** What the sections on training and on whole pipelines share: finding models, reading numbers, tolerances. */

import { existsSync } from "node:fs"
import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import {
  loadStableDiffusion,
  type Machine,
  type StableDiffusion,
} from "../../packages/diffusion/src/stableDiffusion.ts"
import { type ParityCase, relativeError } from "./case.ts"
import { asNumbers, type ReadTensor } from "./readTensors.ts"

export type ReferenceTensors = ReadonlyMap<string, ReadTensor>

export const machine: Machine = { provider: "cpu", threads: 1 }

/** Entries of a folder whose names match, sorted; none where it does not exist. */
export async function entries(folder: string, pattern: RegExp): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).filter((name) => pattern.test(name)).sort()
}

/** The pipeline of this name; a sentence where it is not one that Fjord trains. */
export async function modelOf(directory: string, name: string): Promise<StableDiffusion | string> {
  const model = await pipelineOf(directory, name)
  return typeof model !== "string" && model.second !== null ? "SDXL is not trained by Fjord so far" : model
}

/** The pipeline of this name; a sentence where it is not there. */
export async function pipelineOf(directory: string, name: string): Promise<StableDiffusion | string> {
  const folder = join(directory, "pipelines", name)
  if (!existsSync(join(folder, "model_index.json"))) return "its pipeline is not in the reference data"
  return loadStableDiffusion(folder)
}

export function floats(tensors: ReferenceTensors, name: string): Float32Array {
  const tensor = tensors.get(name)
  if (!tensor) throw new Error(`The reference file lacks the tensor ${name}.`)
  return Float32Array.from(asNumbers(tensor))
}

/** Row `index` along the first axis, as numbers. */
export function row(tensors: ReferenceTensors, name: string, index: number): Float32Array {
  const all = floats(tensors, name)
  const size = all.length / (tensors.get(name)?.shape[0] ?? 1)
  return all.subarray(index * size, (index + 1) * size)
}

/** The relative error of `actual`, or nothing when the reference lacks the tensor. */
export function* compareTo(
  tensors: ReferenceTensors,
  key: string,
  actual: ArrayLike<number>,
  name: string,
  tolerance = 1e-4,
): Iterable<ParityCase> {
  const expected = tensors.get(key)
  if (expected) yield { name, error: relativeError(actual, asNumbers(expected)), tolerance }
}

/** The file on how far the float32 references are from float64. */
export async function distances(directory: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await readFile(join(directory, "tolerance_fp32_vs_fp64.json"), "utf8").catch(() => "{}")
  return JSON.parse(text)
}

/** 1e-4, or ten times `numerator / denominator` of that entry where it is more. */
export function tolerance(entry: unknown, numerator = "max_abs", denominator = "max_ref"): number {
  if (typeof entry !== "object" || entry === null) return 1e-4
  const values = new Map<string, unknown>(Object.entries(entry))
  const [above, below] = [values.get(numerator), values.get(denominator)]
  return typeof above === "number" && typeof below === "number" && below > 0
    ? Math.max(1e-4, (10 * above) / below)
    : 1e-4
}

/** The true gradient of these is 0: what PyTorch has there is rounding noise, which Adam turns into steps. */
export const hasNoTrueGradient = (name: string): boolean => /^text_encoder\..*k_proj\.bias$/.test(name)

/** The "sampled" form: value j is flat[(j * numel) // k] where k = min(numel, most). */
export function sampled(values: Float32Array, most: number): Float32Array {
  const k = Math.min(values.length, most)
  return Float32Array.from({ length: k }, (_, j) => values[Math.floor((j * values.length) / k)] ?? Number.NaN)
}

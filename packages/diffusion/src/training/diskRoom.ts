/** Whether the disk holds what a run leaves, asked before its first step: the result is written after the last one. */

import { statfs } from "node:fs/promises"
import type { TrainingConfig } from "@fjord/contracts"
import { weightedComponents } from "../folder/modelFolder.ts"
import type { StableDiffusion } from "../stableDiffusion.ts"
import type { Trainable } from "./trainable.ts"

export interface DiskNeed {
  readonly resultBytes: number
  /** Of one checkpoint, which is written before an older one is removed. */
  readonly checkpointBytes: number
}

/** A LoRA is written twice, in diffusers' and kohya's form; a full run's pipeline has what was not trained as the base has it. */
export function diskNeed(
  { folder }: StableDiffusion,
  { parameters }: Trainable,
  { method }: Pick<TrainingConfig, "method">,
  optimiserBytesPerParameter: number,
): DiskNeed {
  const names = [...parameters.keys()]
  const values = [...parameters.values()].reduce((sum, { length }) => sum + length, 0)
  const untrained = weightedComponents(folder)
    .filter(({ name }) => !names.some((key) => key.startsWith(`${name}.`)))
    .flatMap(({ weights }) => [...weights.values()])
    .reduce((sum, { byteLength }) => sum + byteLength, 0)
  return diskOf(method, { values, untrainedBytes: untrained, optimiserBytesPerParameter })
}

/** @param counted how many weights learn, and the bytes of the model's others */
export function diskOf(
  method: TrainingConfig["method"],
  counted: { readonly values: number; readonly untrainedBytes: number; readonly optimiserBytesPerParameter: number },
): DiskNeed {
  const { values, untrainedBytes, optimiserBytesPerParameter } = counted
  const trained = values * Float32Array.BYTES_PER_ELEMENT
  return {
    resultBytes: method === "lora" ? 2 * trained : trained + untrainedBytes,
    checkpointBytes: trained + values * optimiserBytesPerParameter,
  }
}

const size = (bytes: number) => (bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${(bytes / 1e6).toFixed(1)} MB`)

/** @throws one sentence where the disk of the folder `output` could not hold the result and one checkpoint. */
export async function refuseSmallDisk(output: string, { resultBytes, checkpointBytes }: DiskNeed): Promise<void> {
  const { bavail, bsize } = await statfs(output)
  const free = bavail * bsize
  if (free >= resultBytes + checkpointBytes) return
  throw new Error(
    `The disk has only ${size(free)} free for ${output}, but this run leaves ${size(resultBytes + checkpointBytes)} there ` +
      `(a result of ${size(resultBytes)} and a checkpoint of ${size(checkpointBytes)}): free some space, or choose ` +
      "another output folder.",
  )
}

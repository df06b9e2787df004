/** A training's state on disk: one file, replaced as a whole. */

import { existsSync } from "node:fs"
import { mkdir } from "node:fs/promises"
import { dirname } from "node:path"
import { openSafetensors, readTensors, writeSafetensors } from "@fjord/engine"
import type { Learner } from "./learner.ts"

/** Killed at any moment, the old file or the new one is there, whole. */
export async function saveLearner(learner: Learner, file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const tensors = [...learner.state()].map(([name, tensor]) => ({ name, ...tensor }))
  await writeSafetensors(file, tensors, { step: `${learner.step}` })
}

/** Takes up the state of `file`; false where there is none. */
export async function restoreLearner(learner: Learner, file: string): Promise<boolean> {
  if (!existsSync(file)) return false
  const { metadata } = await openSafetensors(file)
  learner.restore(await readTensors(file), Number(metadata.step))
  return true
}

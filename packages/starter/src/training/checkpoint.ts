/** A training's state on disk: one file, replaced as a whole. */

import { existsSync } from "node:fs"
import { mkdir } from "node:fs/promises"
import { dirname } from "node:path"
import { openSafetensors, readFloat32, readTensors, writeSafetensors } from "@fjord/engine"
import { weightsFile } from "./exportModel.ts"
import type { Learner } from "./learner.ts"
import type { Component } from "./networks.ts"

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

/** Begins with the weights of a component of an exported model instead of random ones. */
export async function startFrom(learner: Learner, model: string, component: Component): Promise<void> {
  const file = await openSafetensors(weightsFile(model, component))
  for (const name of file.tensors.keys()) {
    const values = await readFloat32(file, name)
    for (const weights of [learner.parameters, learner.average]) {
      const known = weights.get(`${component}.${name}`) ?? learner.frozen.get(`${component}.${name}`)
      if (known?.length !== values.length)
        throw new Error(`${file.path} holds ${name} of ${values.length} values: it belongs to another network.`)
      known.set(values)
    }
  }
}

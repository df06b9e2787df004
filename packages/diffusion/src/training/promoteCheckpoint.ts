/** The result that a training would leave if a checkpoint were its last step. */

import type { FjordEvent, TrainingConfig } from "@fjord/contracts"
import { latestCheckpoint, loadCheckpoint } from "../checkpoint.ts"
import { modelHash } from "../folder/modelHash.ts"
import { loadStableDiffusion, machineOf } from "../stableDiffusion.ts"
import { hashCache } from "../textToImage.ts"
import type { Fingerprint } from "./fingerprint.ts"
import { initialTrainable } from "./preparation.ts"
import { residentMemory } from "./residentMemory.ts"
import { writeResult } from "./result.ts"

/**
 * Writes the result of the newest checkpoint in `config.output` there. The pictures are not needed.
 * @throws one sentence where there is none, or it is of a run with another base model
 */
export async function* promoteCheckpoint(config: TrainingConfig): AsyncGenerator<FjordEvent> {
  const { checkpoint, broken } = await latestCheckpoint(config.output)
  if (checkpoint === null)
    throw new Error(broken[0]?.reason ?? `There is no checkpoint in ${config.output} to make a model of.`)
  const model = await loadStableDiffusion(config.model)
  const trainable = await initialTrainable(model, config)
  const content = await loadCheckpoint(checkpoint)
  const { baseModelHash, datasetHash, threads } = content.state.fingerprint as unknown as Fingerprint
  if ((await modelHash(model.folder, { cacheFile: hashCache() })) !== baseModelHash)
    throw new Error(`The checkpoint of step ${checkpoint.step} belongs to another base model than ${config.model}.`)
  for (const [name, values] of trainable.parameters) {
    const stored = content.trainable.get(name)
    if (stored?.length !== values.length)
      throw new Error(`The checkpoint of step ${checkpoint.step} does not fit the run's options: ${name} is missing.`)
    values.set(stored)
  }
  const provenance = {
    baseModelHash,
    datasetHash,
    threads: threads ?? machineOf(config).threads,
    steps: checkpoint.step,
  }
  const { files, notes } = await writeResult(model, trainable, config, provenance)
  for (const text of notes) yield { type: "Message", level: "warning", text }
  const { peakBytes } = residentMemory()
  yield { type: "RunFinished", folder: config.output, files: [...files], peakBytes, estimateBytes: peakBytes }
}

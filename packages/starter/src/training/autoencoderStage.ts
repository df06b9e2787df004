/** The autoencoder's stage with all that surrounds it: taking up a checkpoint, log, sheets of reconstructions. */

import { join } from "node:path"
import type { Architecture } from "./architecture.ts"
import { restoreLearner, saveLearner, startFrom } from "./checkpoint.ts"
import type { Learner } from "./learner.ts"
import { Log } from "./log.ts"
import type { Networks } from "./networks.ts"
import { toPicture, writeSheet } from "./sheets.ts"
import {
  type AutoencoderRecipe,
  autoencoderLearner,
  measureEncoder,
  psnr,
  reconstruct,
  trainAutoencoder,
} from "./trainAutoencoder.ts"

export interface StageOptions {
  readonly directory: string
  /** A model to begin with where `directory` has no checkpoint: its autoencoder is kept, the rest learns on. */
  readonly from?: string | undefined
  readonly architecture: Architecture
  readonly nets: Networks
  /** Seconds between two checkpoints. */
  readonly checkpointSeconds: number
  readonly logInterval: number
  /** Steps between two sheets; none where it is 0. */
  readonly sheetInterval: number
  readonly say: (line: string) => void
  readonly signal?: AbortSignal | undefined
}

/** Trains up to `recipe.steps`, from the checkpoint in `directory` if there is one. Returns the trained weights. */
export async function autoencoderStage(options: StageOptions, recipe: AutoencoderRecipe): Promise<Learner> {
  const { directory, architecture, nets, say, signal } = options
  const file = join(directory, "autoencoder.safetensors")
  const learner = autoencoderLearner(nets, recipe)
  if (await restoreLearner(learner, file)) say(`autoencoder: taken up at step ${learner.step}`)
  else if (options.from !== undefined) {
    await startFrom(learner, options.from, "vae")
    learner.step = recipe.steps
    await saveLearner(learner, file)
  } else await measureEncoder(learner, nets, architecture, recipe.seed)
  if (learner.step >= recipe.steps) return learner
  const log = new Log(join(directory, "autoencoder.jsonl"), options.logInterval)
  await log.cutAfter(learner.step)
  let saved = Date.now()
  for await (const reported of trainAutoencoder(learner, nets, architecture, recipe)) {
    const { step } = learner
    const entry = await log.add(step, reported)
    if (entry) {
      const decibels = psnr(entry.values.squaredError ?? 0).toFixed(2)
      say(`autoencoder ${step}: loss ${entry.loss}, ${decibels} dB, ${entry.secondsPerStep} s per step`)
    }
    if (signal?.aborted || Date.now() - saved > 1000 * options.checkpointSeconds) {
      await saveLearner(learner, file)
      saved = Date.now()
      signal?.throwIfAborted()
    }
    if (options.sheetInterval > 0 && step % options.sheetInterval === 0)
      await autoencoderSheet(options, learner, recipe)
  }
  await saveLearner(learner, file)
  await autoencoderSheet(options, learner, recipe)
  return learner
}

/** Pairs of held-out scenes and their reconstructions. */
async function autoencoderSheet(options: StageOptions, learner: Learner, { threads }: AutoencoderRecipe) {
  const { directory, architecture, nets, say } = options
  const { resolution } = architecture
  const result = await reconstruct(learner, nets, resolution, threads, 24)
  const pictures = result.pairs
    .slice(0, 16)
    .flatMap(({ original, reconstruction }) => [
      { width: resolution, height: resolution, rgb: original },
      toPicture(reconstruction, resolution),
    ])
  await writeSheet(join(directory, "sheets", `autoencoder-${learner.step}.png`), pictures, 8)
  say(
    `autoencoder ${learner.step}: held-out scenes ${result.psnr.toFixed(2)} dB, objects ${result.objectPsnr.toFixed(2)} dB`,
  )
}

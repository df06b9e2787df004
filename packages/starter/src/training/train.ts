/** The whole recipe: autoencoder, latents, denoiser. Each stage takes up what an earlier, stopped run left. */

import { join } from "node:path"
import { starterTokenizer } from "../tokenizer/starterTokenizer.ts"
import type { Architecture } from "./architecture.ts"
import { autoencoderStage, type StageOptions } from "./autoencoderStage.ts"
import { denoiserStage } from "./denoiserStage.ts"
import { latentScenes } from "./latents.ts"
import { networks } from "./networks.ts"
import { writeReport } from "./report.ts"
import type { AutoencoderRecipe } from "./trainAutoencoder.ts"
import type { DenoiserRecipe } from "./trainDenoiser.ts"

type OwnSteps<Recipe> = Omit<Recipe, "seed" | "threads">

export interface Recipe {
  readonly seed: number
  readonly threads: number
  readonly autoencoder: OwnSteps<AutoencoderRecipe>
  /** Scenes that are kept as latents. */
  readonly scenes: number
  /** How many of them are encoded between two looks at whether to stop; a multiple of 8. */
  readonly scenesPerFile: number
  readonly denoiser: OwnSteps<DenoiserRecipe>
}

/** What made the weights in the repository. */
export const starterRecipe: Recipe = {
  seed: 0,
  threads: 1,
  autoencoder: { steps: 1000, batch: 8, learningRate: 1e-3 },
  scenes: 20480,
  scenesPerFile: 512,
  denoiser: {
    steps: 6700,
    batch: 32,
    learningRate: 1e-3,
    warmup: 100,
    cooling: 0.4,
    objectWeight: { first: 3, cooling: 6 },
  },
}

export interface TrainOptions extends Omit<StageOptions, "architecture" | "nets"> {
  /** Writes the model as it stands to this folder and trains nothing. */
  readonly exportTo?: string | undefined
  /** Trains one of the two alone: they need not wait for each other, because the latents never change. */
  readonly only?: "autoencoder" | "denoiser" | undefined
}

/** Trains what is left to train in `directory`; the model lies in its folder `snapshot` at the end, and now and then before. */
export async function trainStarter(
  architecture: Architecture,
  { seed, threads, ...given }: Recipe,
  { exportTo, only, ...options }: TrainOptions,
): Promise<void> {
  const nets = networks(architecture, starterTokenizer().vocabularySize)
  const recipe = exportTo === undefined ? given : nothingToTrain(given)
  const stage = { ...options, architecture, nets }
  const decoderSteps = only === "denoiser" ? 0 : recipe.autoencoder.steps
  const autoencoder = await autoencoderStage(stage, { seed, threads, ...recipe.autoencoder, steps: decoderSteps })
  if (only === "autoencoder") return
  const { say, signal } = options
  const scenes = await latentScenes(autoencoder, nets, {
    directory: join(options.directory, "latents"),
    resolution: architecture.resolution,
    threads,
    scenes: recipe.scenes,
    scenesPerFile: recipe.scenesPerFile,
    say,
    signal,
  })
  const folder = exportTo ?? join(options.directory, "snapshot")
  const denoiser = await denoiserStage(stage, { seed, threads, ...recipe.denoiser }, { autoencoder, scenes, folder })
  await writeReport(stage, { seed, threads, ...given }, { autoencoder, denoiser, folder })
}

/** Whatever the checkpoints hold is enough; the latents of one file give the scaling factor. */
function nothingToTrain<Given extends Omit<Recipe, "seed" | "threads">>(recipe: Given): Given {
  return {
    ...recipe,
    autoencoder: { ...recipe.autoencoder, steps: 0 },
    scenes: recipe.scenesPerFile,
    denoiser: { ...recipe.denoiser, steps: 0 },
  }
}

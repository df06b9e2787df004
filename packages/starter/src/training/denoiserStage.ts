/** The denoiser's stage with all that surrounds it: taking up a checkpoint, log, snapshots and their sheets. */

import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { generationConfig } from "@fjord/contracts"
import { decodeImage, loadClipTokenizer, textToImage } from "@fjord/diffusion"
import { sampling } from "../settings.ts"
import { writeStarterTokenizer } from "../tokenizer/starterTokenizer.ts"
import type { StageOptions } from "./autoencoderStage.ts"
import { restoreLearner, saveLearner, startFrom } from "./checkpoint.ts"
import { exportModel } from "./exportModel.ts"
import type { LatentScene } from "./latents.ts"
import type { Learner } from "./learner.ts"
import { Log } from "./log.ts"
import { type Picture, writeSheet } from "./sheets.ts"
import { type DenoiserRecipe, denoiserLearner, scalingFactorOf, trainDenoiser } from "./trainDenoiser.ts"

/** What the sheets of samples show: every background, most objects, two at once. */
export const sheetPrompts = [
  "a photo of a red boat in a fjord",
  "a photo of a blue robot on the moon",
  "a photo of a white cat in a room",
  "a photo of a yellow car in the city at night",
  "a photo of an orange fish under water",
  "a photo of a green tree in a meadow",
  "a photo of a purple umbrella on a beach at sunset",
  "a photo of a brown dog in the forest",
  "a photo of a red house in the snow",
  "a photo of a teal teapot in the desert",
  "a photo of a pink ball near a volcano",
  "a photo of a white rocket in front of a castle",
  "a photo of a striped blue ball on a beach",
  "a photo of a black hat in a meadow in the rain",
  "a photo of a yellow bird next to a red cup in a room",
  "a photo of two robots in the city",
] as const

export interface DenoiserSurroundings {
  readonly autoencoder: Learner
  readonly scenes: readonly LatentScene[]
  /** Receives the model, at the end and with each sheet. */
  readonly folder: string
}

/** Trains up to `recipe.steps`, from the checkpoint in `directory` if there is one. */
export async function denoiserStage(
  options: StageOptions,
  recipe: DenoiserRecipe,
  { autoencoder, scenes, folder }: DenoiserSurroundings,
): Promise<Learner> {
  const { directory, architecture, nets, say, signal } = options
  const file = join(directory, "denoiser.safetensors")
  const learner = denoiserLearner(nets, recipe)
  if (await restoreLearner(learner, file)) say(`denoiser: taken up at step ${learner.step}`)
  else if (options.from !== undefined)
    for (const component of ["text_encoder", "unet"] as const) await startFrom(learner, options.from, component)
  const scalingFactor = scalingFactorOf(scenes)
  const tokenizerFolder = join(directory, "tokenizer")
  await writeStarterTokenizer(tokenizerFolder)
  const tokenizer = await loadClipTokenizer(tokenizerFolder)
  const snapshot = async () => {
    // The decoder may be learning in another process meanwhile.
    await restoreLearner(autoencoder, join(directory, "autoencoder.safetensors"))
    await exportModel(folder, { architecture, nets, autoencoder, denoiser: learner, scalingFactor })
  }
  if (learner.step >= recipe.steps) {
    await snapshot()
    return learner
  }
  const log = new Log(join(directory, "denoiser.jsonl"), options.logInterval)
  await log.cutAfter(learner.step)
  let saved = Date.now()
  for await (const reported of trainDenoiser(
    learner,
    nets,
    architecture,
    { scenes, tokenizer, scalingFactor },
    recipe,
  )) {
    const { step } = learner
    const entry = await log.add(step, reported)
    if (entry) say(`denoiser ${step}: loss ${entry.loss.toFixed(4)}, ${entry.secondsPerStep} s per step`)
    if (signal?.aborted || Date.now() - saved > 1000 * options.checkpointSeconds) {
      await saveLearner(learner, file)
      saved = Date.now()
      signal?.throwIfAborted()
    }
    if (options.sheetInterval > 0 && step % options.sheetInterval === 0 && step < recipe.steps) {
      await snapshot()
      await sampleSheet(folder, join(directory, "sheets", `denoiser-${step}.png`), recipe.threads)
    }
  }
  await saveLearner(learner, file)
  await snapshot()
  if (options.sheetInterval > 0)
    await sampleSheet(folder, join(directory, "sheets", `denoiser-${learner.step}.png`), recipe.threads)
  return learner
}

/** One picture for each of `sheetPrompts` by the model in `folder`. */
export async function sampleSheet(folder: string, file: string, threads: number): Promise<void> {
  const out = await mkdtemp(join(tmpdir(), "fjord-starter-"))
  try {
    const pictures: Picture[] = []
    for (const [i, prompt] of sheetPrompts.entries()) {
      const config = generationConfig.parse({
        model: folder,
        prompt,
        ...sampling,
        seed: i,
        out: join(out, `${i}`),
        threads,
      })
      await mkdir(config.out, { recursive: true })
      for await (const event of textToImage(config))
        if (event.type === "ImageSaved") pictures.push(await decodeImage(await readFile(event.file)))
    }
    await writeSheet(file, pictures, 4)
  } finally {
    await rm(out, { recursive: true, force: true })
  }
}

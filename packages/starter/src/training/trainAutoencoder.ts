/** First stage: the autoencoder's decoder, on scenes drawn afresh for every step. */

import { vaeConfigSchema } from "@fjord/diffusion"
import { compile, Graph } from "@fjord/engine"
import { randomFrom } from "../world/random.ts"
import { drawScene, sceneFromSeed } from "../world/scene.ts"
import type { Architecture } from "./architecture.ts"
import { type PictureBatch, pictureBatch, picturesOf } from "./batches.ts"
import { initialWeights } from "./initialise.ts"
import { Learner, type StepProgram } from "./learner.ts"
import { setLinearEncoder } from "./linearEncoder.ts"
import { autoencoderLoss } from "./losses.ts"
import { hiddenLayersOf, type Networks } from "./networks.ts"
import { fillNormal } from "./normal.ts"
import { principalComponents } from "./principalComponents.ts"
import { learningRateAt } from "./schedule.ts"

export interface AutoencoderRecipe {
  readonly seed: number
  readonly steps: number
  readonly threads: number
  /** Pictures per step. */
  readonly batch: number
  readonly learningRate: number
}

/** Scenes whose patches give the latents. */
const measuredScenes = 200

/** The decoder learns; the encoder waits for `measureEncoder`, a checkpoint or a model. */
export function autoencoderLearner(
  { shapes }: Networks,
  { seed, threads }: { seed: number; threads: number },
): Learner {
  const weights = [...initialWeights("vae", shapes.vae, seed)]
  const isEncoder = ([name]: readonly [string, Float32Array]) => /^vae\.(encoder|quant_conv)\./.test(name)
  return new Learner(new Map(weights.filter((entry) => !isEncoder(entry))), {
    threads,
    betas: [0.9, 0.99],
    weightDecay: 0.01,
    averageDecay: 0.998,
    frozen: new Map(weights.filter(isEncoder)),
    hiddenLayers: hiddenLayersOf("vae", shapes.vae),
  })
}

/** Sets the encoder once and for all, from the patches of drawn scenes. */
export async function measureEncoder(
  learner: Learner,
  nets: Networks,
  { resolution, vae }: Architecture,
  seed: number,
) {
  const found = await principalComponents(nets.factor, { resolution, scenes: measuredScenes, seed })
  const { block_out_channels: channels, norm_num_groups: groups } = vaeConfigSchema.parse(vae)
  setLinearEncoder(learner.frozen, nets.shapes.vae, found, { channels, groups, latentChannels: nets.latentChannels })
}

/** Trains `learner` on from its step and yields what each step reported. */
export async function* trainAutoencoder(
  learner: Learner,
  nets: Networks,
  { resolution }: Architecture,
  recipe: AutoencoderRecipe,
): AsyncGenerator<ReadonlyMap<string, number>> {
  const { seed, steps, batch, learningRate } = recipe
  const draw = (step: number): Promise<PictureBatch> => pictureBatch(step, { seed, batch, resolution })
  const program = await compileAutoencoder(learner, nets, batch, resolution)
  const latents = batch * nets.latentChannels * (resolution / nets.factor) ** 2
  let drawn = draw(learner.step)
  try {
    while (learner.step < steps) {
      const { step } = learner
      const pictures = await drawn
      drawn = draw(step + 1)
      const noise = fillNormal(new Float32Array(latents), randomFrom(step, `posterior ${seed}`))
      const rate = learningRateAt(step, { peak: learningRate, warmup: 50, steps, cooling: 0.4 })
      yield await learner.descend(program, { ...pictures, noise }, rate)
    }
  } finally {
    await drawn
    await program.release()
  }
}

function compileAutoencoder(learner: Learner, nets: Networks, rows: number, side: number): Promise<StepProgram> {
  const graph = new Graph()
  const latentSide = side / nets.factor
  const image = graph.input("image", [rows, 3, side, side])
  const pixelWeights = graph.input("pixelWeights", [rows, 1, side, side])
  const noise = graph.input("noise", [rows, nets.latentChannels, latentSide, latentSide])
  const { mean, standardDeviation } = nets.encode(image)
  const reconstruction = nets.decode(graph.add(mean, graph.mul(standardDeviation, noise)))
  const { loss, squaredError } = autoencoderLoss(graph, { image, reconstruction, pixelWeights })
  return learner.compile({ graph, loss, reported: { squaredError } })
}

/** Peak signal-to-noise ratio in dB of values in [-1, 1]. */
export const psnr = (squaredError: number): number => 10 * Math.log10(4 / squaredError)

/** Reconstructions of held-out scenes by the averaged weights: pictures, and the PSNR over all of them. */
export async function reconstruct(
  learner: Learner,
  nets: Networks,
  resolution: number,
  threads: number,
  count: number,
) {
  const graph = new Graph()
  const { mean } = nets.encode(graph.input("image", [1, 3, resolution, resolution]))
  const outputs = { reconstruction: nets.decode(mean) }
  const program = await compile(outputs, { provider: "cpu", threads, weights: learner.averageWeights })
  const pairs: { readonly original: Uint8Array; readonly reconstruction: Float32Array }[] = []
  const errors = { all: 0, objects: 0, objectPixels: 0 }
  for (let i = 0; i < count; i++) {
    const scene = await drawScene(sceneFromSeed(i, "heldout"), resolution)
    const { image, pixelWeights } = picturesOf([scene])
    const { reconstruction } = await program.run({ image })
    const values = reconstruction as Float32Array
    const plane = resolution ** 2
    for (const [j, value] of values.entries()) {
      const square = (Math.max(-1, Math.min(1, value)) - (image[j] as number)) ** 2
      errors.all += square / values.length / count
      if ((pixelWeights[j % plane] as number) === 1) continue
      errors.objects += square
      errors.objectPixels++
    }
    pairs.push({ original: scene.pixels, reconstruction: values })
  }
  await program.release()
  return { pairs, psnr: psnr(errors.all), objectPsnr: psnr(errors.objects / Math.max(1, errors.objectPixels)) }
}

/** Third stage: text encoder and UNet together, on latents, with captions dropped now and then for guidance. */

import type { ClipTokenizer } from "@fjord/diffusion"
import { float16ToFloat32, Graph } from "@fjord/engine"
import { randomFrom } from "../world/random.ts"
import type { Architecture } from "./architecture.ts"
import { objectWeights } from "./batches.ts"
import { initialWeights } from "./initialise.ts"
import type { LatentScene } from "./latents.ts"
import { Learner, type StepProgram } from "./learner.ts"
import { denoisingLoss } from "./losses.ts"
import { hiddenLayersOf, type Networks } from "./networks.ts"
import { type NoiseSchedule, scaledLinear } from "./noise.ts"
import { fillNormal } from "./normal.ts"
import { learningRateAt } from "./schedule.ts"

export interface DenoiserRecipe {
  readonly seed: number
  readonly steps: number
  readonly threads: number
  readonly batch: number
  readonly learningRate: number
  readonly warmup: number
  /** Share of the steps at the end over which the learning rate falls. */
  readonly cooling: number
  /** How much latents at the objects' places count: more once backgrounds are right and the learning rate falls. */
  readonly objectWeight: { readonly first: number; readonly cooling: number }
}

/** Share of captions replaced by the empty one, which guidance needs (Ho & Salimans 2022). */
const captionDropout = 0.1

export function denoiserLearner({ shapes }: Networks, { seed, threads }: { seed: number; threads: number }): Learner {
  const parameters = new Map([
    ...initialWeights("text_encoder", shapes.text_encoder, seed),
    ...initialWeights("unet", shapes.unet, seed),
  ])
  const hiddenLayers = new Map([
    ...hiddenLayersOf("text_encoder", shapes.text_encoder),
    ...hiddenLayersOf("unet", shapes.unet),
  ])
  return new Learner(parameters, { threads, betas: [0.9, 0.99], weightDecay: 0.01, averageDecay: 0.996, hiddenLayers })
}

export interface DenoiserData {
  readonly scenes: readonly LatentScene[]
  readonly tokenizer: ClipTokenizer
  /** 1 / standard deviation of the latents: what the UNet sees has variance one. */
  readonly scalingFactor: number
}

/** Trains `learner` on from its step and yields what each step reported. */
export async function* trainDenoiser(
  learner: Learner,
  nets: Networks,
  architecture: Architecture,
  data: DenoiserData,
  recipe: DenoiserRecipe,
): AsyncGenerator<ReadonlyMap<string, number>> {
  const side = architecture.resolution / nets.factor
  const program = await compileDenoiser(learner, nets, recipe.batch, side)
  const schedule = scaledLinear(architecture.scheduler)
  const ids = new Map<string, readonly number[]>()
  const tokenize = (caption: string) => {
    const known = ids.get(caption) ?? data.tokenizer.tokenize(caption).ids
    ids.set(caption, known)
    return known
  }
  const { steps, warmup, cooling, learningRate: peak } = recipe
  try {
    while (learner.step < steps) {
      const inputs = noisyBatch(learner.step, { nets, side, data, recipe, schedule, tokenize })
      yield await learner.descend(program, inputs, learningRateAt(learner.step, { peak, warmup, steps, cooling }))
    }
  } finally {
    await program.release()
  }
}

function compileDenoiser(learner: Learner, nets: Networks, batch: number, side: number): Promise<StepProgram> {
  const graph = new Graph()
  const shape = [batch, nets.latentChannels, side, side]
  const ids = graph.input("ids", [batch, nets.tokens], "int64")
  const prediction = nets.denoise(ids, graph.input("sample", shape), graph.input("timesteps", [batch]))
  const weights = graph.input("weights", [batch, 1, side, side])
  return learner.compile({ graph, loss: denoisingLoss(graph, prediction, graph.input("target", shape), weights) })
}

interface BatchContext {
  readonly nets: Networks
  readonly side: number
  readonly data: DenoiserData
  readonly recipe: DenoiserRecipe
  readonly schedule: NoiseSchedule
  readonly tokenize: (caption: string) => readonly number[]
}

/** Noisy latents and the velocity to predict (Salimans & Ho 2022, appendix D): a function of (seed, step). */
function noisyBatch(step: number, { nets, side, data, recipe, schedule, tokenize }: BatchContext) {
  const { batch, seed, objectWeight } = recipe
  const weight = step < recipe.steps * (1 - recipe.cooling) ? objectWeight.first : objectWeight.cooling
  const random = randomFrom(step, `denoiser ${seed}`)
  const count = nets.latentChannels * side * side
  const posterior = fillNormal(new Float32Array(batch * count), randomFrom(step, `posterior ${seed}`))
  const noise = fillNormal(new Float32Array(batch * count), randomFrom(step, `noise ${seed}`))
  const sample = new Float32Array(batch * count)
  const target = new Float32Array(batch * count)
  const weights = new Float32Array(batch * side * side)
  const timesteps = new Float32Array(batch)
  const ids = new BigInt64Array(batch * nets.tokens)
  for (let row = 0; row < batch; row++) {
    const scene = data.scenes[random.below(data.scenes.length)]
    if (!scene) throw new Error("There are no scenes to train on.")
    const caption = random.chance(captionDropout) ? "" : random.pick(scene.captions)
    ids.set(tokenize(caption).map(BigInt), row * nets.tokens)
    // One timestep from each of `batch` equal parts of the range: less variance between steps.
    const t = Math.min(999, Math.floor(((row + random.next()) / batch) * 1000))
    timesteps[row] = t
    const [a, s] = [schedule.signal[t] as number, schedule.noise[t] as number]
    const [mean, logVariance] = [float16ToFloat32(scene.mean), float16ToFloat32(scene.logVariance)]
    for (let i = 0, j = row * count; i < count; i++, j++) {
      const spread = Math.exp(0.5 * (logVariance[i] as number)) * (posterior[j] as number)
      const clean = data.scalingFactor * ((mean[i] as number) + spread)
      const epsilon = noise[j] as number
      sample[j] = a * clean + s * epsilon
      target[j] = a * epsilon - s * clean
    }
    weights.set(objectWeights(scene.objects, side, weight), row * side * side)
  }
  return { ids, sample, timesteps, target, weights }
}

/** 1 / standard deviation of the latents, from as many scenes as suffice. */
export function scalingFactorOf(scenes: readonly LatentScene[]): number {
  let [sum, squares, count] = [0, 0, 0]
  for (const scene of scenes.slice(0, 512)) {
    const logVariance = float16ToFloat32(scene.logVariance)
    for (const [i, mean] of float16ToFloat32(scene.mean).entries()) {
      sum += mean
      squares += mean * mean + Math.exp(logVariance[i] as number)
      count++
    }
  }
  return 1 / Math.sqrt(squares / count - (sum / count) ** 2)
}

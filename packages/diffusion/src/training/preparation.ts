/** Everything of a run that is made before its first step: pictures and prompts read, memory planned, the trainer built. */

import type { TrainingConfig } from "@fjord/contracts"
import { AdamW, AdamW8bit, type MemoryMode, type Optimiser, readFloat32, type Weight } from "@fjord/engine"
import type { WeightedComponent } from "../folder/modelFolder.ts"
import { TorchGenerator } from "../random/torchGenerator.ts"
import { trainingScheduler } from "../schedulers/index.ts"
import { encodePrompts, type Machine, type StableDiffusion, untuned } from "../stableDiffusion.ts"
import { availableMemory, chooseMemoryMode, estimateMemory } from "./memoryEstimate.ts"
import { fullTrainable, loraTrainable, type Trainable } from "./trainable.ts"
import { createTrainer, type TextInput, type Trainer, trainingGraph } from "./trainer.ts"

/** The weights a run starts with. */
export function initialTrainable(model: StableDiffusion, config: TrainingConfig): Promise<Trainable> | Trainable {
  if (config.method === "full") return fullTrainable(model, config.trainTextEncoder)
  // A generator of its own, so that the data's random numbers do not depend on the LoRA's size.
  return loraTrainable(model, config, new TorchGenerator(config.seed))
}

export function createOptimiser(config: TrainingConfig, threads: number): Optimiser {
  const options = {
    betas: [config.adamBeta1, config.adamBeta2] as const,
    epsilon: config.adamEpsilon,
    weightDecay: config.adamWeightDecay,
    threads,
  }
  return config.use8bitAdam ? new AdamW8bit(options) : new AdamW(options)
}

/** The weights that stay as they are, read as float32 where the run wants that. */
async function frozenWeights(model: StableDiffusion, trainable: Trainable, config: TrainingConfig) {
  const read = new Map<string, Weight>()
  let bytes = 0
  const components: [string, WeightedComponent][] = [["unet", model.folder.unet]]
  if (config.trainTextEncoder) components.push(["text_encoder", model.folder.textEncoder])
  for (const [name, component] of components)
    for (const [key, { file, key: stored, dataType, byteLength, shape }] of component.weights) {
      if (trainable.parameters.has(`${name}.${key}`)) continue
      const convert = config.frozenWeights === "float32" && dataType !== "F32"
      bytes += convert ? 4 * shape.reduce((product, n) => product * n, 1) : byteLength
      if (convert) read.set(`${name}.${key}`, { kind: "memory", values: await readFloat32(file, stored) })
    }
  return { read, bytes }
}

export interface PreparedTrainer {
  readonly trainer: Trainer
  readonly optimiser: Optimiser
  readonly mode: MemoryMode
  readonly estimateBytes: number
}

/** @throws one sentence where the run does not fit in memory, with what would. */
export async function prepareTrainer(
  model: StableDiffusion,
  trainable: Trainable,
  config: TrainingConfig,
  machine: Machine,
  betweenBlocks: () => Promise<void> | void,
): Promise<PreparedTrainer> {
  const side = config.resolution / model.scaleFactor
  const frozen = await frozenWeights(model, trainable, config)
  const tuning = { ...trainable.tuning, weights: new Map([...trainable.tuning.weights, ...frozen.read]) }
  const shape = { model, tuning, height: side, width: side, trainTextEncoder: config.trainTextEncoder }
  const optimiser = createOptimiser(config, machine.threads)
  const rows = config.trainBatchSize * (config.withPriorPreservation ? 2 : 1)
  const estimate = (mode: MemoryMode) =>
    estimateMemory({
      ...trainingGraph(shape, rows, model.tokenizer.modelMaxLength),
      trainable: trainable.parameters,
      optimiserBytesPerParameter: optimiser.bytesPerParameter,
      mode,
      frozenBytes: frozen.bytes,
    })
  const mode =
    config.memoryMode === "auto"
      ? chooseMemoryMode({
          available: availableMemory(),
          estimate,
          settings: { ...config, full: config.method === "full" },
        }).mode
      : config.memoryMode
  const trainer = createTrainer({
    ...shape,
    trainable: trainable.parameters,
    mode,
    machine,
    noiseScheduler: trainingScheduler(model.folder.schedulerConfig),
    predictionType: model.folder.schedulerConfig.prediction_type === "v_prediction" ? "v_prediction" : "epsilon",
    optimiser,
    gradientAccumulationSteps: config.gradientAccumulationSteps,
    maxGradNorm: config.maxGradNorm,
    priorLossWeight: config.priorLossWeight,
    snrGamma: config.snrGamma,
    betweenBlocks,
  })
  return { trainer, optimiser, mode, estimateBytes: Math.round(estimate(mode).total) }
}

/** Prompts as the trainer takes them: states of a frozen text encoder, computed once, or ids for one that learns. */
export async function textInputs(
  model: StableDiffusion,
  prompts: readonly string[],
  config: Pick<TrainingConfig, "trainTextEncoder" | "tokenPadding">,
  machine: Machine,
): Promise<(batch: readonly string[]) => TextInput> {
  const { tokenizer } = model
  const unpadded = (prompt: string) => tokenizer.tokenize(prompt, { padding: "none" }).ids
  const idsOf = (batch: readonly string[]) =>
    tokenizer.tokenizeBatch(batch, { padding: config.tokenPadding }).map(({ ids }) => ids)
  if (config.trainTextEncoder) return (batch) => ({ kind: "ids", ids: idsOf(batch) })

  const distinct = [...new Set(prompts)]
  // Shorter prompts of a mixed batch are padded to its longest, so every length that can occur is encoded.
  const lengths =
    config.tokenPadding === "longest"
      ? [...new Set(distinct.map((prompt) => unpadded(prompt).length))]
      : [tokenizer.modelMaxLength]
  const rows = lengths.flatMap((length) =>
    distinct.flatMap((prompt) => {
      const ids = unpadded(prompt)
      return ids.length <= length ? [[...ids, ...new Array<number>(length - ids.length).fill(tokenizer.padId)]] : []
    }),
  )
  const encoded = await encodePrompts(model, rows, untuned, machine)
  const statesOf = new Map(rows.map((ids, i) => [ids.join(), encoded[i] as Float32Array]))
  return (batch) => {
    const ids = idsOf(batch)
    const tokens = ids[0]?.length ?? 0
    const width = model.textConfig.hidden_size
    const states = new Float32Array(ids.length * tokens * width)
    for (const [row, rowIds] of ids.entries())
      states.set(statesOf.get(rowIds.join()) as Float32Array, row * tokens * width)
    return { kind: "states", states, tokens }
  }
}

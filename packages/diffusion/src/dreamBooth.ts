/** Pictures of a subject to a model that knows it (Ruiz et al. 2023, arXiv:2208.12242), as an async generator of events. */

import { mkdir } from "node:fs/promises"
import type { FjordEvent, TrainingConfig } from "@fjord/contracts"
import { dataTypeOf, learningRateAt } from "@fjord/engine"
import { latestCheckpoint, loadCheckpoint, saveCheckpoint } from "./checkpoint.ts"
import { modelHash } from "./folder/modelHash.ts"
import { joined } from "./joined.ts"
import { phaseEvent } from "./phaseEvent.ts"
import { reported } from "./reported.ts"
import { loadStableDiffusion, machineOf, vaeEncoderProgram } from "./stableDiffusion.ts"
import { hashCache } from "./textToImage.ts"
import { generateClassImages } from "./training/classImages.ts"
import { Course, courseFromJson, courseToJson } from "./training/course.ts"
import { diskNeed, refuseSmallDisk } from "./training/diskRoom.ts"
import { differences, fingerprint } from "./training/fingerprint.ts"
import { notFinite } from "./training/notFinite.ts"
import { datasetHash, type FoundPictures, findPictures, latentSource, type Picture } from "./training/pictures.ts"
import { initialTrainable, prepareTrainer, textInputs } from "./training/preparation.ts"
import { residentMemory } from "./training/residentMemory.ts"
import { writeResult } from "./training/result.ts"
import { renderSamples } from "./training/samples.ts"
import type { MicroBatch } from "./training/trainer.ts"

export interface DreamBoothOptions {
  /** Go on from the newest checkpoint in the output folder; without one, begin. */
  readonly resume?: boolean
  /** Aborting it saves a checkpoint of the last whole step and throws the signal's reason. */
  readonly signal?: AbortSignal
  /** What whoever runs it puts in is done after the current step and taken out: a checkpoint, samples. */
  readonly wishes?: Set<"save" | "sample">
}

/** Trains as `config` says. Equal model, pictures, config, threads and version give equal bytes, however often it was killed and resumed. */
export async function* dreamBooth(config: TrainingConfig, options: DreamBoothOptions = {}): AsyncGenerator<FjordEvent> {
  const { signal } = options
  const machine = machineOf(config)
  yield phaseEvent("model")
  const model = await loadStableDiffusion(config.model)
  if (model.second !== null)
    throw new Error(
      `${config.model} is a Stable Diffusion XL model; Fjord trains 1.x and 2.x, and generates with all three.`,
    )
  await mkdir(config.output, { recursive: true })
  const resumed = options.resume ? await latestCheckpoint(config.output) : { checkpoint: null, broken: [] }
  for (const { reason } of resumed.broken) yield { type: "Message", level: "warning", text: reason }

  if (config.withPriorPreservation) yield* generateClassImages(model, config, machine, signal)
  const read = (folder: string, prompt: string | undefined, captions: boolean) =>
    reported<FjordEvent, FoundPictures>((report) =>
      findPictures(folder, prompt, captions, (done, total) => report(phaseEvent("pictures", done, total))),
    )
  const instance = yield* read(config.instanceImages, config.instancePrompt, config.captions)
  const classPictures = config.withPriorPreservation
    ? (yield* read(config.classImages as string, config.classPrompt, false)).pictures
    : []
  const prior = classPictures.slice(0, config.numClassImages)
  for (const text of instance.remarks) yield { type: "Message", level: "warning", text }
  const pictures = instance.pictures.flatMap((picture) => new Array<Picture>(config.repeats).fill(picture))
  const items = Math.max(pictures.length, prior.length)
  yield phaseEvent("checksum")
  const identity = fingerprint(config, {
    baseModelHash: await modelHash(model.folder, { cacheFile: hashCache() }),
    datasetHash: await datasetHash([...instance.pictures, ...prior]),
    threads: machine.threads,
  })

  const prompts = [...pictures, ...prior].map(({ prompt }) => prompt)
  yield phaseEvent("prompts")
  const textOf = await textInputs(model, prompts, config, machine)
  yield phaseEvent("network")
  const encoder = await vaeEncoderProgram(model, config.resolution, config.resolution, machine)
  const latents = latentSource(encoder, config)
  const trainable = await initialTrainable(model, config)
  const betweenBlocks = async () => {
    // Lets the parent's messages in, "stop" among them.
    await new Promise((resolve) => setImmediate(resolve))
    signal?.throwIfAborted()
  }
  const { trainer, optimiser, mode, estimateBytes } = await prepareTrainer(
    model,
    trainable,
    config,
    machine,
    betweenBlocks,
  )
  yield { type: "MemoryEstimated", estimateBytes, mode }
  await refuseSmallDisk(config.output, diskNeed(model, trainable, config, optimiser.bytesPerParameter))

  const course = new Course(items, config)
  if (resumed.checkpoint) {
    const content = await loadCheckpoint(resumed.checkpoint)
    const changed = differences(content.state.fingerprint, identity)
    if (changed.length > 0)
      throw new Error(
        `The run in ${config.output} was started with other settings, so it cannot go on with these: ${changed.join("; ")}. Restore them, or choose another output folder.`,
      )
    for (const [name, values] of trainable.parameters) values.set(content.trainable.get(name) as Float32Array)
    const stored = [...content.optimiser].map(
      ([key, data]) => [key, { dataType: dataTypeOf(data), shape: [data.length], data }] as const,
    )
    optimiser.restore(new Map(stored))
    course.restore(courseFromJson(content.state))
  }
  const started = course.step
  yield { type: "RunStarted", steps: config.maxTrainSteps, ...(started > 0 && { resumedFrom: started }) }
  const save = async () => {
    const state = { ...courseToJson(boundary), fingerprint: identity }
    const optimiserState = new Map([...optimiser.state()].map(([key, { data }]) => [key, data]))
    const content = { trainable: trainable.parameters, optimiser: optimiserState, state }
    const { step, directory } = await saveCheckpoint(
      config.output,
      boundary.step,
      content,
      config.checkpointsTotalLimit,
    )
    return { type: "CheckpointSaved", step, folder: directory } as const
  }
  // The last moment between two steps: what an interrupted step has drawn since does not count.
  let boundary = course.state()
  let lastSaved = started
  let { peakBytes } = residentMemory()
  try {
    if (started === 0) yield* renderSamples(model, trainable.tuning, config, machine, 0, signal)
    yield phaseEvent("firstStep")
    let [from, after] = [performance.now(), started]
    while (course.step < config.maxTrainSteps) {
      const sums = { loss: 0, instance: 0, prior: 0, count: 0 }
      for (const batch of course.microBatches()) {
        const { loss, instanceLoss, priorLoss } = await trainer.accumulate(await drawBatch(batch))
        if (!Number.isFinite(loss)) throw notFinite("loss", course.step + 1, lastSaved)
        sums.loss += loss
        sums.instance += instanceLoss
        sums.prior += priorLoss ?? 0
        sums.count++
      }
      const at = course.step
      const gradNorm = trainer.step((parameter) => learningRate(parameter, at))
      if (!Number.isFinite(gradNorm)) throw notFinite("gradient norm", at + 1, lastSaved)
      course.step++
      boundary = course.state()
      const secondsPerStep = (performance.now() - from) / 1000 / (course.step - after)
      // The first step prepares the sessions too; the others are told of by each other.
      if (after === started) [from, after] = [performance.now(), course.step]
      const memory = residentMemory()
      peakBytes = memory.peakBytes
      yield {
        type: "StepFinished",
        step: course.step,
        loss: sums.loss / sums.count,
        ...(config.withPriorPreservation && {
          instanceLoss: sums.instance / sums.count,
          priorLoss: sums.prior / sums.count,
        }),
        gradNorm,
        learningRate: learningRate("unet.", at),
        secondsPerStep,
        etaSeconds: secondsPerStep * (config.maxTrainSteps - course.step),
        residentBytes: memory.residentBytes,
      }
      const wished = (wish: "save" | "sample") => options.wishes?.delete(wish) ?? false
      if (wished("save") || course.step % config.checkpointingSteps === 0) {
        yield phaseEvent("checkpoint")
        yield await save()
        lastSaved = course.step
      }
      // A run shorter than the distance between samples shows all the same what it has learnt.
      const last = course.step === config.maxTrainSteps
      if (wished("sample") || last || course.step % config.validationSteps === 0) {
        yield* renderSamples(model, trainable.tuning, config, machine, course.step, signal)
        if (config.validationPrompts.length > 0 && !last) yield phaseEvent("steps")
      }
      await betweenBlocks()
    }
  } catch (error) {
    if (!signal?.aborted) throw error
    if (boundary.step > lastSaved || boundary.step === 0) {
      yield phaseEvent("checkpoint")
      yield await save()
    }
    throw error
  } finally {
    await trainer.release()
    await encoder.release()
  }
  yield phaseEvent("result")
  const { baseModelHash, datasetHash: dataset } = identity
  const result = await writeResult(model, trainable, config, {
    baseModelHash,
    datasetHash: dataset,
    threads: machine.threads,
    steps: course.step,
  })
  for (const text of result.notes) yield { type: "Message", level: "warning", text }
  yield { type: "RunFinished", folder: config.output, files: [...result.files], peakBytes, estimateBytes }

  /** Random numbers in the order of the reference loop: latents, noise, timesteps, noise offset. */
  async function drawBatch(batch: readonly number[]): Promise<MicroBatch> {
    const { generator } = course
    const rows = [
      ...batch.map((i) => pictures[i % pictures.length] as Picture),
      ...(prior.length > 0 ? batch.map((i) => prior[i % prior.length] as Picture) : []),
    ]
    const moments = []
    for (const picture of rows) moments.push(await latents.momentsOf(picture, generator))
    const mean = joined(moments.map((row) => row.mean))
    const deviation = joined(moments.map((row) => row.standardDeviation))
    const posterior = generator.randn(mean.length)
    const { scaling_factor: scale, latent_channels: channels } = model.vaeConfig
    const clean = mean.map((value, i) =>
      Math.fround(Math.fround(value + Math.fround((deviation[i] as number) * (posterior[i] as number))) * scale),
    )
    const noise = generator.randn(clean.length)
    if (config.noiseOffset > 0) {
      const offsets = generator.randn(rows.length * channels)
      const plane = noise.length / offsets.length
      for (let i = 0; i < noise.length; i++)
        noise[i] = (noise[i] as number) + config.noiseOffset * (offsets[Math.floor(i / plane)] as number)
    }
    const timesteps = generator.randint(
      0,
      Number(model.folder.schedulerConfig.num_train_timesteps ?? 1000),
      rows.length,
    )
    return {
      latents: clean,
      noise,
      timesteps,
      text: textOf(rows.map(({ prompt }) => prompt)),
      priorRows: prior.length > 0 ? batch.length : 0,
    }
  }

  function learningRate(parameter: string, step: number): number {
    const peak = parameter.startsWith("text_encoder.") ? config.textEncoderLearningRate : config.learningRate
    return learningRateAt(
      {
        name: config.lrScheduler,
        learningRate: peak,
        warmupSteps: config.lrWarmupSteps,
        trainingSteps: config.maxTrainSteps,
        cycles: config.lrNumCycles,
        power: config.lrPower,
      },
      step,
    )
  }
}

import { existsSync } from "node:fs"
import { join } from "node:path"
import { fullTrainable } from "../../packages/diffusion/src/training/trainable.ts"
import type { MicroBatch } from "../../packages/diffusion/src/training/trainer.ts"
import { attempt, magnitude, type ParityCase, type ParitySection, relativeError, relativeL2Error } from "./case.ts"
import { asNumbers, readTensors } from "./readTensors.ts"
import { entries, floats, hasNoTrueGradient, modelOf, type ReferenceTensors, sampled } from "./references.ts"
import { scalar, type TrainingInputs, type TrainingSettings, trainerOf, trainingInputs } from "./trainingInputs.ts"

const tolerance = 1e-4

/** Loss, its parts and the gradient of every weight for one micro-batch, against PyTorch's autograd. */
export const gradients: ParitySection = async function* (directory) {
  for (const pipeline of await entries(join(directory, "training"), /^[^.]+$/)) {
    const folder = join(directory, "training", pipeline)
    const files = await entries(folder, /^grads_.*\.safetensors$/)
    if (files.length === 0 || !existsSync(join(folder, "inputs.safetensors"))) continue
    yield* attempt(`${pipeline} gradients`, async function* () {
      const model = await modelOf(directory, pipeline)
      if (typeof model === "string") {
        for (const file of files) yield { name: `${pipeline}/${file}`, skipped: model }
        return
      }
      const inputs = await trainingInputs(model, folder)
      for (const [i, file] of files.entries()) {
        const name = `${pipeline}/${file.replace(/\.safetensors$/, "")}`
        yield* attempt(name, async function* () {
          const { tensors, metadata } = await readTensors(join(folder, file))
          const settings: TrainingSettings = JSON.parse(metadata.options ?? "{}")
          const names: string[] = JSON.parse(metadata.names ?? "[]")
          yield* compareFile(name, inputs, settings, tensors, names, "recompute")
          if (i === 0) yield* compareFile(`${name} (mode save)`, inputs, settings, tensors, names, "save")
        })
      }
    })
  }
}

async function* compareFile(
  name: string,
  inputs: TrainingInputs,
  settings: TrainingSettings,
  tensors: ReferenceTensors,
  names: readonly string[],
  mode: "recompute" | "save",
): AsyncIterable<ParityCase> {
  const trainer = trainerOf(inputs, await fullTrainable(inputs.model, settings.te ?? false), settings, mode)
  try {
    const batch = inputs.microBatch(settings.microbatch ?? 0, settings)
    const result = await trainer.accumulate(batch)
    const check = (key: string, actual: ArrayLike<number>): ParityCase[] => {
      const tensor = tensors.get(key)
      if (!tensor) return []
      const expected = asNumbers(tensor)
      // With class images the reference may note what it has chunked for the instance rows only: then the first ones.
      const rows = batch.priorRows > 0 && actual.length === 2 * expected.length ? expected.length : actual.length
      const error = relativeError(Array.from(actual).slice(0, rows), expected)
      return [{ name: `${name} ${key}`, error, tolerance }]
    }
    yield* check("loss", [result.loss])
    yield* check("detail.model_pred", result.prediction)
    yield* check("detail.latents", batch.latents)
    yield* check("detail.noise_used", batch.noise)
    yield* check("detail.instance_loss", [result.instanceLoss])
    if (result.priorLoss !== undefined) yield* check("detail.prior_loss", [result.priorLoss])
    if (batch.text.kind === "states") yield* check("detail.encoder_hidden_states", batch.text.states)
    yield* noised(batch, inputs, check)

    const squares = [...trainer.gradients.values()].reduce((sum, values) => sum + dot(values), 0)
    yield* check("total_grad_norm", [Math.sqrt(squares)])
    for (const key of tensors.keys()) yield* compareGradient(name, key, tensors, trainer.gradients)
    yield* compareSampled(name, names, tensors, trainer.gradients)
  } finally {
    await trainer.release()
  }
}

type Check = (key: string, actual: ArrayLike<number>) => ParityCase[]

async function* noised(batch: MicroBatch, { model }: TrainingInputs, check: Check): AsyncIterable<ParityCase> {
  const { trainingScheduler } = await import("../../packages/diffusion/src/schedulers/index.ts")
  const scheduler = trainingScheduler(model.folder.schedulerConfig)
  const { latents, noise, timesteps } = batch
  yield* check("detail.noisy", scheduler.addNoise(latents, noise, timesteps))
  const isVelocity = model.folder.schedulerConfig.prediction_type === "v_prediction"
  yield* check("detail.target", isVelocity ? scheduler.velocity(latents, noise, timesteps) : noise)
  yield* check(
    "detail.snr",
    timesteps.map((timestep) => scheduler.snr(timestep)),
  )
}

function dot(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value * value, 0)
}

function* compareGradient(
  file: string,
  key: string,
  tensors: ReferenceTensors,
  gradients: ReadonlyMap<string, Float32Array>,
): Iterable<ParityCase> {
  const match = /^(grad|gradsample|gradnorm|gradrows)\.(.+)$/.exec(key)
  if (!match) return
  const [, form, parameter = ""] = match
  const name = `${file} ${key}`
  if (hasNoTrueGradient(parameter)) {
    yield { name, skipped: "the true gradient is 0, the reference holds rounding noise" }
    return
  }
  const expected = floats(tensors, key)
  const actual = gradients.get(parameter)
  if (!actual) {
    yield { name: `${name} (no gradient came)`, error: Number.POSITIVE_INFINITY, tolerance }
    return
  }
  if (form === "grad") yield { name, error: relativeL2Error(actual, expected), tolerance }
  if (form === "gradsample")
    yield { name, error: relativeL2Error(sampled(actual, expected.length), expected), tolerance }
  if (form === "gradnorm")
    yield { name, error: relativeError([Math.sqrt(dot(actual))], [scalar(tensors, key)]), tolerance }
  if (form === "gradrows") {
    const width = tensors.get(key)?.shape[1] ?? 1
    const index = Array.from(asNumbers(tensors.get(`gradrows_index.${parameter}`)))
    const whole = new Float32Array(actual.length)
    for (const [i, at] of index.entries()) whole.set(expected.subarray(i * width, (i + 1) * width), at * width)
    yield { name, error: relativeL2Error(actual, whole), tolerance }
  }
}

/** sampled.values of all tensors, each held against the size of its own gradient. */
function* compareSampled(
  file: string,
  names: readonly string[],
  tensors: ReferenceTensors,
  gradients: ReadonlyMap<string, Float32Array>,
): Iterable<ParityCase> {
  if (!tensors.has("sampled.values")) return
  const values = floats(tensors, "sampled.values")
  const offsets = Array.from(asNumbers(tensors.get("sampled.offsets")))
  const norms = asNumbers(tensors.get("sampled.norms"))
  for (const [i, parameter] of names.entries()) {
    const name = `${file} ${parameter}`
    if (hasNoTrueGradient(parameter)) {
      yield { name, skipped: "the true gradient is 0, the reference holds rounding noise" }
      continue
    }
    const gradient = gradients.get(parameter) ?? new Float32Array()
    const expected = values.subarray(offsets[i], offsets[i + 1])
    const actual = sampled(gradient, expected.length)
    // The samples of a sparse gradient may all be 0; its norm says the rest.
    const samples = magnitude(expected) > 1e-20 ? relativeL2Error(actual, expected) : magnitude(actual)
    const norm = relativeError([Math.sqrt(dot(gradient))], [norms[i] ?? Number.NaN])
    yield { name, error: Math.max(samples, norm), tolerance }
  }
}

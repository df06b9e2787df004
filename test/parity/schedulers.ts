import { existsSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import {
  alphasCumprod,
  type BetaScheduleName,
  makeBetas,
  rescaleZeroTerminalSnr,
  signalToNoise,
} from "../../packages/diffusion/src/schedulers/betas.ts"
import { type Scheduler, schedulerFromDiffusersConfig } from "../../packages/diffusion/src/schedulers/index.ts"
import { attempt, maxAbsoluteError, type ParityCase, type ParitySection, relativeError } from "./case.ts"
import { asNumbers, type ReadTensor, readTensors } from "./readTensors.ts"

interface Run {
  readonly cls: string
  readonly init: Record<string, unknown>
  readonly config: Record<string, unknown>
  readonly eta: number | null
  readonly num_inference_steps: number
  readonly init_noise_sigma: number
  readonly noise_draws_per_step: number[]
}
type Tensors = ReadonlyMap<string, ReadTensor>

const tolerance = 1e-4

/** The samplers over whole runs and their noising, against trajectories of diffusers. */
export const schedulers: ParitySection = async function* (directory) {
  const folder = join(directory, "schedulers")
  if (!existsSync(join(folder, "index.json"))) return
  const text = await readFile(join(folder, "index.json"), "utf8")
  const index = JSON.parse(text.replace(/:\s*(-?)Infinity/g, ": $11e999").replace(/:\s*NaN/g, ": null")) as {
    inputs: string
    runs: Record<string, Run>
  }
  const inputs = (await readTensors(join(folder, index.inputs))).tensors
  const files = new Map<string, Tensors>()
  const noised = new Set<string>()
  for (const [id, run] of Object.entries(index.runs)) {
    const file = id.split(".")[0] ?? id
    const path = join(folder, `${file}.safetensors`)
    if (!existsSync(path)) continue
    const tensors = files.get(file) ?? (await readTensors(path)).tensors
    if (!files.has(file)) {
      files.set(file, tensors)
      if (file === "ddpm") yield* tables(tensors, run)
    }
    yield* attempt(`schedulers/${id}`, function* () {
      const configuration = id.replace(/\.n\d+$/, "")
      if (!noised.has(configuration)) {
        noised.add(configuration)
        yield* noising(configuration, made(run), tensors, inputs)
      }
      yield* trajectory(id, run, tensors, inputs)
    })
  }
}

function made(run: Run): Scheduler {
  return schedulerFromDiffusersConfig({ ...run.init, _class_name: run.cls })
}

function floats(tensors: Tensors, name: string): Float32Array {
  return Float32Array.from(asNumbers(tensors.get(name)))
}

function* trajectory(id: string, run: Run, tensors: Tensors, inputs: Tensors): Iterable<ParityCase> {
  const expected = floats(tensors, `${id}.trajectory`)
  if (expected.length === 0) return
  const size = floats(inputs, "sample0_unit").length
  const [batchSize = 1] = inputs.get("sample0_unit")?.shape ?? []
  const [outputs, noises] = [floats(inputs, "model_outputs"), floats(inputs, "noises")]
  const scheduler = made(run)
  scheduler.setTimesteps(run.num_inference_steps)
  const timesteps = asNumbers(tensors.get(`${id}.timesteps`))
  const whole = Array.from(timesteps).every(Number.isInteger)
  const timestepError = (whole ? maxAbsoluteError : relativeError)(scheduler.timesteps, timesteps)
  yield { name: `schedulers/${id}/timesteps`, error: timestepError, tolerance: whole ? 0 : 1e-6 }
  if (tensors.has(`${id}.sigmas`)) {
    const sigmas = asNumbers(tensors.get(`${id}.sigmas`))
    yield { name: `schedulers/${id}/sigmas`, error: relativeError(scheduler.sigmas ?? [], sigmas), tolerance }
  }
  const sigma = scheduler.initNoiseSigma
  const sigmaError = Math.abs(sigma / run.init_noise_sigma - 1)
  yield { name: `schedulers/${id}/init_noise_sigma`, error: sigmaError, tolerance: 1e-6 }

  let sample: Float32Array = floats(inputs, "sample0_unit").map((value) => value * sigma)
  let drawn = 0
  const draws: number[] = []
  const samples = [sample]
  const scaled: number[] = []
  scheduler.timesteps.forEach((timestep, i) => {
    scaled.push(...scheduler.scaleModelInput(sample, timestep))
    const before = drawn
    const noise = () => noises.subarray(drawn * size, ++drawn * size)
    const output = outputs.subarray(i * size, (i + 1) * size)
    sample = scheduler.step(output, timestep, sample, noise, { eta: run.eta ?? 0, batchSize })
    samples.push(sample)
    draws.push(drawn - before)
  })
  // Step by step, because the first samples of some runs are a thousand times larger than the last.
  const errors = samples.map((values, i) => errorWhereFinite(values, expected.slice(i * size, (i + 1) * size)))
  const complete = samples.length * size === expected.length
  const error = complete ? Math.max(...errors) : Number.POSITIVE_INFINITY
  yield { name: `schedulers/${id}/trajectory`, error, tolerance }
  yield { name: `schedulers/${id}/draws`, error: maxAbsoluteError(draws, run.noise_draws_per_step), tolerance: 0 }
  if (tensors.has(`${id}.scaled_model_input`)) {
    const scaledError = errorWhereFinite(scaled, floats(tensors, `${id}.scaled_model_input`))
    yield { name: `schedulers/${id}/scaled_model_input`, error: scaledError, tolerance }
  }
}

/** Some runs leave the finite numbers in diffusers itself; there it matters only that they do so here at the same place. */
function errorWhereFinite(actual: ArrayLike<number>, expected: Float32Array): number {
  const numbers = Array.from(actual)
  if (numbers.length !== expected.length) return Number.POSITIVE_INFINITY
  if (numbers.some((value, i) => Number.isFinite(value) !== Number.isFinite(expected[i])))
    return Number.POSITIVE_INFINITY
  return relativeError(numbers.filter(Number.isFinite), expected.filter(Number.isFinite))
}

function* noising(id: string, scheduler: Scheduler, tensors: Tensors, inputs: Tensors): Iterable<ParityCase> {
  const [original, noise] = [floats(inputs, "add_noise.original"), floats(inputs, "add_noise.noise")]
  const common = inputs.get("add_noise.timesteps")
  for (const kind of ["add_noise", "velocity"] as const) {
    if (!tensors.has(`${id}.${kind}`)) continue
    const timesteps = asNumbers(tensors.get(`${id}.${kind}_timesteps`) ?? common)
    const expected = floats(tensors, `${id}.${kind}`)
    let actual: Float32Array = new Float32Array()
    if (kind === "add_noise") actual = scheduler.addNoise(original, noise, timesteps)
    else if ("velocity" in scheduler && typeof scheduler.velocity === "function") {
      actual = scheduler.velocity(original, noise, timesteps)
    }
    yield { name: `schedulers/${id}/${kind}`, error: relativeError(actual, expected), tolerance }
  }
}

function* tables(tensors: Tensors, run: Run): Iterable<ParityCase> {
  const number = (key: string) => Number(run.config[key])
  const schedule = (name: BetaScheduleName, defaults: boolean) =>
    makeBetas({
      numTrainTimesteps: number("num_train_timesteps"),
      betaStart: defaults ? 1e-4 : number("beta_start"),
      betaEnd: defaults ? 0.02 : number("beta_end"),
      betaSchedule: name,
      trainedBetas: null,
      rescaleBetasZeroSnr: false,
    })
  const betas = schedule(run.config.beta_schedule as BetaScheduleName, false)
  const alphas = alphasCumprod(betas)
  const made: Record<string, Float32Array> = {
    betas,
    alphas_cumprod: alphas,
    snr_all: signalToNoise(alphas),
    alphas_cumprod_zero_snr: alphasCumprod(rescaleZeroTerminalSnr(betas)),
    alphas_cumprod_linear: alphasCumprod(schedule("linear", true)),
    alphas_cumprod_squaredcos_cap_v2: alphasCumprod(schedule("squaredcos_cap_v2", true)),
  }
  for (const [name, actual] of Object.entries(made)) {
    if (!tensors.has(name)) continue
    yield { name: `schedulers/ddpm/${name}`, error: relativeError(actual, floats(tensors, name)), tolerance: 1e-6 }
  }
}

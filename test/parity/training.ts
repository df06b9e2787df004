import { existsSync } from "node:fs"
import { basename, join } from "node:path"
import type { LoraLayer } from "../../packages/diffusion/src/lora/loadLora.ts"
import type { LoraComponent } from "../../packages/diffusion/src/lora/loraKeys.ts"
import { fullTrainable, type Trainable, trainableFromLayers } from "../../packages/diffusion/src/training/trainable.ts"
import { attempt, maxAbsoluteError, type ParityCase, type ParitySection, relativeError } from "./case.ts"
import { measured, movedTogether, movementOf, movements } from "./movement.ts"
import { asNumbers, readTensors } from "./readTensors.ts"
import {
  distances,
  entries,
  floats,
  hasNoTrueGradient,
  modelOf,
  type ReferenceTensors,
  sampled,
  tolerance,
} from "./references.ts"
import { type TrainingInputs, type TrainingSettings, trainerOf, trainingInputs } from "./trainingInputs.ts"

interface ReferenceRun {
  readonly name: string
  readonly tensors: ReferenceTensors
  readonly settings: TrainingSettings
  readonly names: readonly string[]
  readonly most: number
}

/** Whole training runs against the same runs in PyTorch: losses, gradient norms and the weights after. */
export const training: ParitySection = async function* (directory) {
  const known = await distances(directory)
  for (const pipeline of await entries(join(directory, "training"), /^[^.]+$/)) {
    const folder = join(directory, "training", pipeline)
    const files = await entries(folder, /^train_.*\.safetensors$/)
    if (files.length === 0 || !existsSync(join(folder, "inputs.safetensors"))) continue
    yield* attempt(`${pipeline} training`, async function* () {
      const model = await modelOf(directory, pipeline)
      if (typeof model === "string") {
        for (const file of files) yield { name: `${pipeline}/${file}`, skipped: model }
        return
      }
      const inputs = await trainingInputs(model, folder)
      const runs = await Promise.all(files.map((file) => readRun(pipeline, join(folder, file))))
      for (const run of runs)
        yield* attempt(run.name, async function* () {
          const start = isLora(run) ? loraStart(run, runs) : await fullTrainable(model, run.settings.te ?? false)
          if (start) yield* train(run, inputs, start, known)
          else yield { name: run.name, skipped: "the LoRA's first values are not in the reference data" }
        })
    })
  }
}

async function readRun(pipeline: string, path: string): Promise<ReferenceRun> {
  const { tensors, metadata } = await readTensors(path)
  return {
    name: `${pipeline}/${basename(path, ".safetensors")}`,
    tensors,
    settings: JSON.parse(metadata.options ?? "{}"),
    names: JSON.parse(metadata.names ?? "[]"),
    most: Number(metadata.sample_k ?? 48),
  }
}

async function* train(
  run: ReferenceRun,
  inputs: TrainingInputs,
  start: Trainable,
  known: Readonly<Record<string, unknown>>,
): AsyncIterable<ParityCase> {
  const { name, tensors, settings } = run
  const { steps = 1, accum = 1, lr = 1e-3 } = settings
  const initial = new Map([...start.parameters].map(([key, values]) => [key, values.slice()]))
  const trainer = trainerOf(inputs, start, settings)
  const losses: number[] = []
  const norms: number[] = []
  try {
    for (let step = 0; step < steps; step++) {
      for (let j = 0; j < accum; j++)
        losses.push((await trainer.accumulate(inputs.microBatch(step * accum + j, settings))).loss)
      norms.push(trainer.step(() => lr))
      if (step === 0) yield* compareWeights(run, "after_step1", start.parameters, initial, known)
    }
  } finally {
    await trainer.release()
  }
  const check = (key: string, actual: readonly number[], entry: string) => {
    const limit = tolerance(known[`${entryOf(name, settings)} ${entry}`])
    return { name: `${name} ${key}`, error: relativeError(actual, floats(tensors, key)), tolerance: limit }
  }
  yield check("losses", losses, "losses")
  yield check("grad_norms_before_clip", norms, "grad norms")
  yield* compareWeights(run, "final", start.parameters, initial, known)
  yield* compareSampled(run, start.parameters, initial, known)
}

/** The entry of the tolerance file: runs of the same learning rate amplify rounding alike. */
function entryOf(name: string, { lr = 1e-3 }: TrainingSettings): string {
  return `full_lr${/lr([\d.e-]+)$/.exec(name)?.[1] ?? lr}`
}

/** Tensors in full (LoRA): the stored weights, and how far the run has moved them all together. */
function* compareWeights(
  { name, tensors, settings }: ReferenceRun,
  stage: string,
  parameters: ReadonlyMap<string, Float32Array>,
  initial: ReadonlyMap<string, Float32Array>,
  known: Readonly<Record<string, unknown>>,
): Iterable<ParityCase> {
  const moved: [number[], number[]] = [[], []]
  const whole: [number[], number[]] = [[], []]
  for (const key of tensors.keys()) {
    if (!key.startsWith(`${stage}.`) || !key.endsWith(".weight")) continue
    const parameter = graphName(key.slice(stage.length + 1))
    const actual = parameters.get(parameter)
    const before = initial.get(parameter)
    if (!actual || !before) {
      yield { name: `${name} ${key} (not trained)`, error: Number.POSITIVE_INFINITY, tolerance: 0 }
      continue
    }
    const expected = floats(tensors, key)
    for (const [i, value] of expected.entries()) {
      whole[0].push(actual[i] ?? Number.NaN)
      whole[1].push(value)
      moved[0].push((actual[i] ?? Number.NaN) - (before[i] ?? 0))
      moved[1].push(value - (before[i] ?? 0))
    }
  }
  if (moved[1].length === 0) return
  yield { name: `${name} ${stage}.values`, error: relativeError(...whole), tolerance: 1e-4 }
  const movement = movementOf(parameters, initial, known, entryOf(name, settings))
  // Adam's first step is as large for a gradient of mere rounding as for any other.
  if (stage === "after_step1" && movement.entry === undefined)
    yield { name: `${name} ${stage}: l2`, skipped: "the reference does not say how far off its own first step is" }
  else yield movedTogether(`${name} ${stage}`, ...moved, movement)
}

/** final.* and delta.* in the sampled form. */
function* compareSampled(
  { name, tensors, names, most, settings }: ReferenceRun,
  parameters: ReadonlyMap<string, Float32Array>,
  initial: ReadonlyMap<string, Float32Array>,
  known: Readonly<Record<string, unknown>>,
): Iterable<ParityCase> {
  const movement = movementOf(parameters, initial, known, entryOf(name, settings))
  for (const stage of ["final", "delta"]) {
    const norms = asNumbers(tensors.get(`${stage}.norms`))
    const offsets = Array.from(asNumbers(tensors.get(`${stage}.offsets`)))
    const values = tensors.has(`${stage}.values`) ? floats(tensors, `${stage}.values`) : undefined
    const all: [number[], number[]] = [[], []]
    const ourNorms: number[] = []
    const theirNorms: number[] = []
    for (const [i, key] of names.entries()) {
      if (hasNoTrueGradient(key)) continue
      const parameter = graphName(key)
      const before = initial.get(parameter)
      const after = parameters.get(parameter)
      if (!after || !before) throw new Error(`${name}: ${key} is not among the trained weights.`)
      const actual = stage === "final" ? after : after.map((value, j) => value - (before[j] ?? 0))
      ourNorms.push(Math.sqrt(actual.reduce((sum, value) => sum + value * value, 0)))
      theirNorms.push(norms[i] ?? Number.NaN)
      if (!values) continue
      all[0].push(...sampled(actual, most))
      all[1].push(...values.subarray(offsets[i], offsets[i + 1]))
    }
    if (theirNorms.length > 0 && norms.length > 0) {
      const error = relativeError(ourNorms, theirNorms)
      if (stage === "final") yield { name: `${name} final.norms`, error, tolerance: 1e-4 }
      else yield measured(`${name} delta.norms`, error, movement, "median")
    }
    if (!values) continue
    if (stage === "delta") yield* movements(`${name} delta`, ...all, movement)
    else yield { name: `${name} final.values`, error: relativeError(...all), tolerance: 1e-4 }
  }
  if (names.some(hasNoTrueGradient))
    yield { name: `${name} k_proj.bias of the text encoder`, skipped: "the true gradient is 0, Adam steps with noise" }
}

const isLora = ({ names, tensors }: ReferenceRun) =>
  [...names, ...tensors.keys()].some((name) => name.includes(".lora_A."))

/** A name of PEFT as the graph has it: no adapter name, and `text_model.` where transformers 5 leaves it out. */
function graphName(name: string): string {
  return name.replace(".default.", ".").replace(/^text_encoder\.(?!text_model\.)/, "text_encoder.text_model.")
}

/** The run's own first values, or those of a run that provably began with the same. */
function loraStart(run: ReferenceRun, runs: readonly ReferenceRun[]): Trainable | undefined {
  const source = runs.find((other) => (other === run || startsAlike(run, other)) && hasStart(other))
  if (!source) return undefined
  const alpha = /alpha(\d+)/.exec(run.name)?.[1]
  const layers: LoraLayer[] = []
  for (const [key, down] of source.tensors) {
    const match = /^init\.(unet|text_encoder)\.(.+)\.lora_A\.default\.weight$/.exec(key)
    if (!match) continue
    const component: LoraComponent = match[1] === "unet" ? "unet" : "text_encoder"
    const module = graphName(`${match[1]}.${match[2]}`).slice(component.length + 1)
    const other = key.replace(".lora_A.", ".lora_B.")
    const shape = (source.tensors.get(other) ?? source.tensors.get(other.replace("init.", "final.")))?.shape ?? []
    const count = shape.reduce((product, n) => product * n, 1)
    const [rank = 1] = down.shape
    layers.push({
      component,
      module,
      rank,
      alpha: alpha ? Number(alpha) : rank,
      down: { shape: down.shape, data: floats(source.tensors, key) },
      // B begins at zero where a reference leaves it out.
      up: { shape, data: source.tensors.has(other) ? floats(source.tensors, other) : new Float32Array(count) },
    })
  }
  return trainableFromLayers(layers)
}

const hasStart = ({ tensors }: ReferenceRun) => [...tensors.keys()].some((key) => key.startsWith("init."))

/** Whether final - delta of a sampled run are the first values of another. */
function startsAlike({ names, tensors, most }: ReferenceRun, other: ReferenceRun): boolean {
  if (!tensors.has("final.values") || !tensors.has("delta.values") || hasStart({ tensors } as ReferenceRun))
    return false
  const starts = names.flatMap((name) => {
    const first = other.tensors.get(`init.${name}`)
    return first ? Array.from(sampled(floats(other.tensors, `init.${name}`), most)) : []
  })
  const delta = floats(tensors, "delta.values")
  const own = floats(tensors, "final.values").map((value, i) => value - (delta[i] ?? 0))
  const inits = [...other.tensors.keys()].filter((key) => key.startsWith("init."))
  return inits.length === names.length && maxAbsoluteError(own, starts) < 1e-6
}

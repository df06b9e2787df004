import { existsSync } from "node:fs"
import { join } from "node:path"
import { dataLoaderOrder } from "../../packages/diffusion/src/random/dataLoaderOrder.ts"
import { TorchGenerator } from "../../packages/diffusion/src/random/torchGenerator.ts"
import { trainingScheduler } from "../../packages/diffusion/src/schedulers/index.ts"
import { encodePrompts, type StableDiffusion, untuned } from "../../packages/diffusion/src/stableDiffusion.ts"
import { fullTrainable } from "../../packages/diffusion/src/training/trainable.ts"
import { attempt, maxAbsoluteError, type ParityCase, type ParitySection } from "./case.ts"
import { asNumbers, readTensors } from "./readTensors.ts"
import { compareTo, entries, machine, modelOf, type ReferenceTensors, sampled } from "./references.ts"
import { encodeImages, trainerOf } from "./trainingInputs.ts"

interface LoopParameters {
  readonly seed: number
  readonly n: number
  readonly acc: number
  readonly steps: number
  readonly lr: number
  readonly prompt: string
}

/** The reference project's own loop, from the seed alone: order, latents, noise, timesteps, losses and final weights. */
export const referenceLoop: ParitySection = async function* (directory) {
  for (const pipeline of await entries(join(directory, "training"), /^[^.]+$/)) {
    const path = join(directory, "training", pipeline, "refloop.safetensors")
    if (!existsSync(path)) continue
    const name = `${pipeline}/refloop`
    yield* attempt(name, async function* () {
      const model = await modelOf(directory, pipeline)
      if (typeof model === "string") yield { name, skipped: model }
      else {
        const { tensors, metadata } = await readTensors(path)
        yield* follow(name, model, tensors, JSON.parse(metadata.params ?? "{}"), JSON.parse(metadata.names ?? "[]"))
      }
    })
  }
}

async function* follow(
  name: string,
  model: StableDiffusion,
  tensors: ReferenceTensors,
  { seed, n, acc, steps, lr, prompt }: LoopParameters,
  names: readonly string[],
): AsyncIterable<ParityCase> {
  const ids = model.tokenizer.tokenize(prompt, { padding: "none" }).ids
  const expectedIds = asNumbers(tensors.get("input_ids"))
  yield { name: `${name} input_ids`, error: maxAbsoluteError(ids, expectedIds), tolerance: 0 }
  const [states = new Float32Array()] = await encodePrompts(model, [ids], untuned, machine)
  const images = await encodeImages(model, tensors, "pixel_values")
  const [, , imageHeight = 0, imageWidth = 0] = tensors.get("pixel_values")?.shape ?? []
  const start = await fullTrainable(model, false)
  const size = { model, height: imageHeight / model.scaleFactor, width: imageWidth / model.scaleFactor }
  const trainer = trainerOf(size, start, { accum: acc })
  const seen = { order: [] as number[], timesteps: [] as number[], latents: [] as number[], noise: [] as number[] }
  const losses: number[] = []
  const norms: number[] = []
  const generator = new TorchGenerator(seed)
  try {
    const { length: timestepCount } = trainingScheduler(model.folder.schedulerConfig).timesteps
    while (norms.length < steps) {
      const order = dataLoaderOrder(generator, n)
      for (const [i, index] of order.entries()) {
        if (norms.length === steps) break
        const posterior = images[index]
        if (!posterior) throw new Error(`${name}: pixel_values has no picture ${index}.`)
        const draw = generator.randn(posterior.mean.length)
        const latents = posterior.mean.map((mean, at) => {
          const deviation = Math.fround((posterior.standardDeviation[at] ?? 0) * (draw[at] ?? 0))
          return Math.fround(mean + deviation) * model.vaeConfig.scaling_factor
        })
        const noise = generator.randn(latents.length)
        const timesteps = generator.randint(0, timestepCount, 1)
        seen.order.push(index)
        seen.timesteps.push(...timesteps)
        seen.latents.push(...latents)
        seen.noise.push(...noise)
        const text = { kind: "states", states, tokens: ids.length } as const
        losses.push((await trainer.accumulate({ latents, noise, timesteps, text, priorRows: 0 })).loss)
        // accelerate steps at the end of the data loader too, and counts anew after it.
        if ((i + 1) % acc === 0 || i + 1 === order.length) norms.push(trainer.step(() => lr))
      }
    }
  } finally {
    await trainer.release()
  }
  for (const key of ["order", "timesteps"] as const) {
    const error = maxAbsoluteError(seen[key], asNumbers(tensors.get(key)))
    yield { name: `${name} ${key}`, error, tolerance: 0 }
  }
  yield* compareTo(tensors, "latents", seen.latents, `${name} latents`)
  yield* compareTo(tensors, "noise", seen.noise, `${name} noise`)
  yield* compareTo(tensors, "losses", losses, `${name} losses`)
  yield* compareTo(tensors, "grad_norms", norms, `${name} grad_norms`)
  const final = names.flatMap((key) =>
    Array.from(sampled(start.parameters.get(`unet.${key}`) ?? new Float32Array(), 48)),
  )
  yield* compareTo(tensors, "final.values", final, `${name} final.values`)
}

import { existsSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { denoise, guided } from "../../packages/diffusion/src/denoise.ts"
import { toImage } from "../../packages/diffusion/src/images/toImage.ts"
import { joined } from "../../packages/diffusion/src/joined.ts"
import { TorchGenerator } from "../../packages/diffusion/src/random/torchGenerator.ts"
import { schedulerFromDiffusersConfig } from "../../packages/diffusion/src/schedulers/index.ts"
import {
  type StableDiffusion,
  unetProgram,
  untuned,
  vaeDecoderProgram,
} from "../../packages/diffusion/src/stableDiffusion.ts"
import { addedConditions, textConditions } from "../../packages/diffusion/src/textConditions.ts"
import { attempt, type ParityCase, type ParitySection } from "./case.ts"
import { asNumbers, readTensors } from "./readTensors.ts"
import { compareTo, distances, machine, pipelineOf, type ReferenceTensors, row, tolerance } from "./references.ts"

interface Run {
  readonly prompt: string
  readonly negative_prompt: string
  readonly seed: number
  readonly num_inference_steps: number
  readonly guidance_scale: number
  readonly height: number
  readonly width: number
  readonly scheduler: string
  readonly scheduler_config: Readonly<Record<string, unknown>>
}

/** Pictures of diffusers' StableDiffusionPipeline, from the prompt and the seed alone. */
export const endToEnd: ParitySection = async function* (directory) {
  const index = join(directory, "e2e", "index.json")
  if (!existsSync(index)) return
  const text = await readFile(index, "utf8")
  const runs: Record<string, Run> = JSON.parse(text.replace(/:\s*(-?)Infinity/g, ": $11e999"))
  const known = await distances(directory)
  const models = new Map<string, StableDiffusion | string>()
  for (const [id, run] of Object.entries(runs)) {
    const path = join(directory, "e2e", `${id}.safetensors`)
    if (!existsSync(path)) continue
    yield* attempt(id, async function* () {
      const [pipeline = ""] = id.split("/")
      const model = models.get(pipeline) ?? (await pipelineOf(directory, pipeline))
      models.set(pipeline, model)
      if (typeof model === "string") yield { name: id, skipped: model }
      else {
        const { tensors } = await readTensors(path)
        yield* generate(id, model, run, tensors, tolerance(known[`e2e ${id.replace("/", " ")} final latents`]))
      }
    })
  }
}

async function* generate(
  id: string,
  model: StableDiffusion,
  run: Run,
  tensors: ReferenceTensors,
  limit: number,
): AsyncIterable<ParityCase> {
  const check = (key: string, actual: ArrayLike<number>) => compareTo(tensors, key, actual, `${id} ${key}`, limit)
  const conditions = await textConditions(model, [run.negative_prompt, run.prompt], untuned, machine)
  const [negative, positive] = conditions
  if (!negative || !positive) throw new Error("two texts gave fewer conditions")
  yield* check("negative_prompt_embeds", negative.states)
  yield* check("prompt_embeds", positive.states)
  yield* check("negative_pooled", negative.pooled)
  yield* check("pooled", positive.pooled)

  const guidance = guided(run.guidance_scale)
  const rows = guidance ? conditions : [positive]
  const [height, width] = [run.height / model.scaleFactor, run.width / model.scaleFactor]
  const latentCount = model.unetConfig.in_channels * height * width
  const scheduler = schedulerFromDiffusersConfig({ ...run.scheduler_config, _class_name: run.scheduler })
  const tokens = model.tokenizer.modelMaxLength
  const unet = await unetProgram(model, { batch: guidance ? 2 : 1, height, width, tokens }, untuned, machine)
  let latents = new Float32Array()
  try {
    const steps = run.num_inference_steps
    const loop = denoise({
      unet,
      scheduler,
      steps,
      guidanceScale: run.guidance_scale,
      context: joined(rows.map(({ states }) => states)),
      added: addedConditions(model, rows, run),
      seed: run.seed,
      latentCount,
    })
    for await (const progress of loop) {
      if (progress.step === 1) {
        const initial = new TorchGenerator(run.seed).randn(latentCount).map((value) => value * scheduler.initNoiseSigma)
        yield* check("init_latents", initial)
        yield* check("timesteps", Array.from(scheduler.timesteps))
      }
      latents = Float32Array.from(progress.latents)
      const name = `${id} latents after step ${progress.step}`
      yield* compareTo(stepOf(tensors, progress.step - 1), "latents", latents, name, limit)
    }
  } finally {
    await unet.release()
  }
  yield* check("final_latents", latents)

  const decoder = await vaeDecoderProgram(model, height, width, machine)
  const scaled = latents.map((value) => value / model.vaeConfig.scaling_factor)
  const { image } = await decoder.run({ latents: scaled }).finally(() => decoder.release())
  if (!(image instanceof Float32Array)) throw new Error("the decoder gave no float32 picture")
  yield* check("decoded", image)
  const bytes = tensors.get("image_uint8")
  if (!bytes) return
  const { rgb } = toImage(image, run.width, run.height)
  const expected = asNumbers(bytes)
  const different = rgb.reduce((count, byte, i) => count + (Math.abs(byte - (expected[i] ?? 1e9)) > 1 ? 1 : 0), 0)
  // A float on the edge between two levels may fall to either side; nothing may be further away.
  yield { name: `${id} image_uint8 (bytes more than 1 level off)`, error: different, tolerance: 0 }
}

/** steps_latents[i] as a tensor of its own; none where the reference has fewer steps. */
function stepOf(tensors: ReferenceTensors, i: number): ReferenceTensors {
  const steps = tensors.get("steps_latents")
  if (!steps) return new Map()
  return new Map([["latents", { shape: steps.shape.slice(1), data: row(tensors, "steps_latents", i), dtype: "F32" }]])
}

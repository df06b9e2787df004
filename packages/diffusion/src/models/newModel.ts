/** Models with random weights in real shapes: for tests, benchmarks and trying an installation without a download. */

import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { float32ToFloat16, writeSafetensors } from "@fjord/engine"
import { clipTextConfigSchema } from "./clipTextEncoder.ts"
import { type NewModelKind, newModelConfigs } from "./newModelConfigs.ts"
import {
  clipTextParameterShapes,
  type ParameterShapes,
  unetParameterShapes,
  vaeParameterShapes,
} from "./parameterShapes.ts"
import { smallTokenizer } from "./smallTokenizer.ts"
import { unetConfigSchema } from "./unetConfig.ts"
import { vaeConfigSchema } from "./vae.ts"

export interface NewModelOptions {
  /** How weights are stored; float16 halves the folder. */
  readonly dataType?: "float32" | "float16"
}

/**
 * Writes a whole diffusers folder to `directory`, which is made if need be; existing files are replaced.
 * sd15 takes 4.3 GB on disk, sd21 5.2 GB (half as float16), tiny 4 MB; memory stays at the largest tensor.
 * The same seed makes the same bytes. The weights are scaled so that outputs stay finite, but are otherwise noise.
 */
export async function newModel(
  kind: NewModelKind,
  directory: string,
  seed: number,
  options: NewModelOptions = {},
): Promise<void> {
  const configs = newModelConfigs[kind]
  const tokenizer = smallTokenizer(configs.padToken)
  const textEncoder = { ...configs.textEncoder, vocab_size: configs.textEncoder.vocab_size ?? tokenizer.vocabularySize }
  const noise = new NoiseTable(seed)

  const components = [
    ["unet", configs.unet, unetParameterShapes(unetConfigSchema.parse(configs.unet)), "diffusion_pytorch_model"],
    ["vae", configs.vae, vaeParameterShapes(vaeConfigSchema.parse(configs.vae)), "diffusion_pytorch_model"],
    ["text_encoder", textEncoder, clipTextParameterShapes(clipTextConfigSchema.parse(textEncoder)), "model"],
  ] as const
  for (const [component, config, shapes, fileName] of components) {
    await writeText(join(directory, component), "config.json", toJson(config))
    const path = join(directory, component, `${fileName}.safetensors`)
    await writeSafetensors(path, randomWeights(component, shapes, noise, options))
  }
  for (const [name, text] of tokenizer.files) await writeText(join(directory, "tokenizer"), name, text)
  await writeText(join(directory, "scheduler"), "scheduler_config.json", toJson(configs.scheduler))
  const modelIndex = {
    _class_name: "StableDiffusionPipeline",
    feature_extractor: [null, null],
    requires_safety_checker: false,
    safety_checker: [null, null],
    scheduler: ["diffusers", configs.scheduler._class_name],
    text_encoder: ["transformers", "CLIPTextModel"],
    tokenizer: ["transformers", "CLIPTokenizer"],
    unet: ["diffusers", "UNet2DConditionModel"],
    vae: ["diffusers", "AutoencoderKL"],
  }
  await writeText(directory, "model_index.json", toJson(modelIndex))
}

function* randomWeights(component: string, shapes: ParameterShapes, noise: NoiseTable, options: NewModelOptions) {
  const half = options.dataType === "float16"
  for (const [name, shape] of shapes) {
    const make = () => {
      const values = randomWeight(`${component}.${name}`, shape, noise)
      return half ? float32ToFloat16(values) : values
    }
    // Made anew whenever it is read, so that a file larger than memory can be written.
    yield {
      name,
      dataType: half ? ("F16" as const) : ("F32" as const),
      shape,
      get data() {
        return make()
      },
    }
  }
}

function randomWeight(name: string, shape: readonly number[], noise: NoiseTable): Float32Array {
  const values = new Float32Array(shape.reduce((product, length) => product * length, 1))
  if (name.endsWith(".bias")) return values
  // Only normalisation layers have weights of one axis.
  if (shape.length === 1) return values.fill(1)
  const fanIn = shape.slice(1).reduce((product, length) => product * length, 1)
  noise.fill(values, name, name.includes("embeddings.") ? 0.02 : 1 / Math.sqrt(fanIn))
  return values
}

/** Normal numbers drawn once and read from pseudo-random places: a thousand times faster than drawing each. */
class NoiseTable {
  readonly #table = new Float32Array(2 ** 20)
  readonly #seed: number

  constructor(seed: number) {
    this.#seed = seed
    const next = uniform(seed)
    for (let i = 0; i < this.#table.length; i += 2) {
      // Box-Muller
      const radius = Math.sqrt(-2 * Math.log(1 - next()))
      const angle = 2 * Math.PI * next()
      this.#table[i] = radius * Math.cos(angle)
      this.#table[i + 1] = radius * Math.sin(angle)
    }
  }

  fill(values: Float32Array, name: string, standardDeviation: number): void {
    const next = uniform(hash(name) ^ this.#seed)
    for (let done = 0; done < values.length; ) {
      const offset = Math.floor(next() * this.#table.length)
      const piece = this.#table.subarray(offset, offset + values.length - done)
      values.set(piece, done)
      done += piece.length
    }
    for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) * standardDeviation
  }
}

/** Uniform in [0, 1): Tommy Ettinger's mulberry32. */
function uniform(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** FNV-1a */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (const character of text) value = Math.imul(value ^ character.charCodeAt(0), 0x01000193)
  return value
}

async function writeText(directory: string, name: string, text: string): Promise<void> {
  await mkdir(directory, { recursive: true })
  await writeFile(join(directory, name), text)
}

function toJson(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

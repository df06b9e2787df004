/** Whole model folders of each family at tiny size, for the tests of this directory. */

import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { float32ToFloat16, writeSafetensors } from "@fjord/engine"
import { clipTextConfigSchema } from "../models/clipTextEncoder.ts"
import { newModelConfigs } from "../models/newModelConfigs.ts"
import {
  clipTextParameterShapes,
  type ParameterShapes,
  unetParameterShapes,
  vaeParameterShapes,
} from "../models/parameterShapes.ts"
import { smallTokenizer } from "../models/smallTokenizer.ts"
import { unetConfigSchema } from "../models/unetConfig.ts"
import { vaeConfigSchema } from "../models/vae.ts"
import type { Family } from "./checkpointKind.ts"

const { tiny } = newModelConfigs

const openClip = { ...tiny.textEncoder, hidden_act: "gelu", num_hidden_layers: 3 }
const twoPerBlock = { layers_per_block: 2 }

const unets: Record<Family, object> = {
  sd1: { ...tiny.unet, ...twoPerBlock },
  sd2: { ...tiny.unet, use_linear_projection: true, attention_head_dim: [2, 4] },
  sdxl: {
    ...tiny.unet,
    use_linear_projection: true,
    attention_head_dim: [2, 4],
    cross_attention_dim: 64,
    down_block_types: ["DownBlock2D", "CrossAttnDownBlock2D"],
    up_block_types: ["CrossAttnUpBlock2D", "UpBlock2D"],
    transformer_layers_per_block: [1, 2],
    addition_embed_type: "text_time",
    addition_time_embed_dim: 8,
    projection_class_embeddings_input_dim: 80,
  },
}

/** Writes a folder of this family whose weights are small, all different and always the same; `unet` and `vae` change their configurations. */
export async function writeTinyFamily(
  family: Family,
  directory: string,
  { half = false, ...changed }: { readonly half?: boolean; readonly unet?: object; readonly vae?: object } = {},
): Promise<void> {
  const padToken = family === "sd2" ? "!" : "<|endoftext|>"
  const tokenizer = smallTokenizer(padToken)
  const vocabulary = { vocab_size: tokenizer.vocabularySize }
  const first = { ...(family === "sd2" ? openClip : tiny.textEncoder), ...vocabulary }
  const second = { ...openClip, ...vocabulary, architectures: ["CLIPTextModelWithProjection"] }
  const unet = { ...unets[family], ...changed.unet }
  const vae = { ...tiny.vae, ...changed.vae }
  const components: [name: string, config: object, shapes: ParameterShapes][] = [
    ["unet", unet, unetParameterShapes(unetConfigSchema.parse(unet))],
    ["vae", vae, vaeParameterShapes(vaeConfigSchema.parse(vae))],
    ["text_encoder", first, clipTextParameterShapes(clipTextConfigSchema.parse(first))],
  ]
  if (family === "sdxl")
    components.push(["text_encoder_2", second, clipTextParameterShapes(clipTextConfigSchema.parse(second))])
  for (const [name, config, shapes] of components) {
    await mkdir(join(directory, name), { recursive: true })
    await writeFile(join(directory, name, "config.json"), JSON.stringify(config))
    const file = name.startsWith("text") ? "model.safetensors" : "diffusion_pytorch_model.safetensors"
    const tensors = [...shapes].map(([key, shape], i) => {
      const data = numbers(key, shape, i)
      return half
        ? { name: key, dataType: "F16" as const, shape, data: float32ToFloat16(data) }
        : { name: key, dataType: "F32" as const, shape, data }
    })
    await writeSafetensors(join(directory, name, file), tensors)
  }
  await writeTokenizerFiles(join(directory, "tokenizer"), padToken)
  if (family === "sdxl") await writeTokenizerFiles(join(directory, "tokenizer_2"), "!")
  const prediction = family === "sd2" ? { prediction_type: "v_prediction" } : {}
  await mkdir(join(directory, "scheduler"), { recursive: true })
  await writeFile(
    join(directory, "scheduler", "scheduler_config.json"),
    JSON.stringify({ ...tiny.scheduler, ...prediction }),
  )
  const secondPart = {
    text_encoder_2: ["transformers", "CLIPTextModelWithProjection"],
    tokenizer_2: ["transformers", "CLIPTokenizer"],
  }
  await writeFile(
    join(directory, "model_index.json"),
    JSON.stringify({
      _class_name: family === "sdxl" ? "StableDiffusionXLPipeline" : "StableDiffusionPipeline",
      scheduler: ["diffusers", "PNDMScheduler"],
      text_encoder: ["transformers", "CLIPTextModel"],
      tokenizer: ["transformers", "CLIPTokenizer"],
      unet: ["diffusers", "UNet2DConditionModel"],
      vae: ["diffusers", "AutoencoderKL"],
      ...(family === "sdxl" && secondPart),
    }),
  )
}

async function writeTokenizerFiles(directory: string, padToken: string): Promise<void> {
  await mkdir(directory, { recursive: true })
  for (const [name, text] of smallTokenizer(padToken).files) await writeFile(join(directory, name), text)
}

/** Uniform noise of the size that keeps activations in range; norms near 1. */
function numbers(key: string, shape: readonly number[], seed: number): Float32Array {
  const count = shape.reduce((product, n) => product * n, 1)
  if (/norm\d?\.weight$|norm_out\.weight$/.test(key)) return new Float32Array(count).fill(1 + seed / 1e4)
  const scale = Math.sqrt(12 / Math.max(1, count / (shape[0] ?? 1)))
  let state = seed + 1
  return Float32Array.from({ length: count }, () => {
    // Numerical Recipes' linear congruential generator.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return scale * (state / 2 ** 32 - 0.5) * (key.endsWith(".bias") ? 0.1 : 1)
  })
}

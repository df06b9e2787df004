/** Names and shapes of the published models, for LoRA files that come without the model they were made for. */

import type { LoraTarget } from "../lora/checkLora.ts"
import { clipTextConfigSchema } from "../models/clipTextEncoder.ts"
import { newModelConfigs } from "../models/newModelConfigs.ts"
import { clipTextParameterShapes, type ParameterShapes, unetParameterShapes } from "../models/parameterShapes.ts"
import { unetConfigSchema } from "../models/unetConfig.ts"
import type { Family } from "./checkpointKind.ts"

/** stable-diffusion-xl-base-1.0, as far as shapes go. */
const sdxl = {
  unet: {
    addition_embed_type: "text_time",
    addition_time_embed_dim: 256,
    attention_head_dim: [5, 10, 20],
    block_out_channels: [320, 640, 1280],
    cross_attention_dim: 2048,
    down_block_types: ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
    layers_per_block: 2,
    projection_class_embeddings_input_dim: 2816,
    transformer_layers_per_block: [1, 2, 10],
    up_block_types: ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"],
    use_linear_projection: true,
  },
  textEncoder2: {
    architectures: ["CLIPTextModelWithProjection"],
    hidden_act: "gelu",
    hidden_size: 1280,
    intermediate_size: 5120,
    num_attention_heads: 20,
    num_hidden_layers: 32,
    projection_dim: 1280,
  },
}

const described = (shapes: ParameterShapes) => new Map([...shapes].map(([key, shape]) => [key, { shape }]))
const unetOf = (config: object) => described(unetParameterShapes(unetConfigSchema.parse(config)))
const textOf = (config: object) => described(clipTextParameterShapes(clipTextConfigSchema.parse(config)))

/** The weights of the published model of a family. */
export function publishedTarget(family: Family): LoraTarget {
  const { sd15, sd21 } = newModelConfigs
  if (family === "sd1") return { unet: unetOf(sd15.unet), textEncoder: textOf(sd15.textEncoder) }
  if (family === "sd2") return { unet: unetOf(sd21.unet), textEncoder: textOf(sd21.textEncoder) }
  return { unet: unetOf(sdxl.unet), textEncoder: textOf(sd15.textEncoder), textEncoder2: textOf(sdxl.textEncoder2) }
}

/** The networks of an architecture as graphs over named parameters. */

import {
  clipTextConfigSchema,
  clipTextEncoder,
  clipTextParameterShapes,
  Params,
  unet,
  unetConfigSchema,
  unetParameterShapes,
  vaeConfigSchema,
  vaeDecoder,
  vaeEncoder,
  vaeParameterShapes,
} from "@fjord/diffusion"
import type { Graph, Tensor } from "@fjord/engine"
import type { Architecture } from "./architecture.ts"

type Shapes = ReadonlyMap<string, readonly number[]>
export type Component = "vae" | "unet" | "text_encoder"

/** @param vocabularySize entries of the tokenizer. */
export function networks(architecture: Architecture, vocabularySize: number) {
  const vaeConfig = vaeConfigSchema.parse(architecture.vae)
  const unetConfig = unetConfigSchema.parse(architecture.unet)
  const textConfig = clipTextConfigSchema.parse({ ...architecture.textEncoder, vocab_size: vocabularySize })
  const shapes: Record<Component, Shapes> = {
    vae: vaeParameterShapes(vaeConfig),
    unet: unetParameterShapes(unetConfig),
    text_encoder: clipTextParameterShapes(textConfig),
  }
  const paramsOf = (graph: Graph, component: Component) => {
    const catalogue = [...shapes[component]].map(([key, shape]) => [key, { shape, dataType: "F32" }] as const)
    return new Params(graph, new Map(catalogue), { component })
  }
  return {
    shapes,
    /** Pixels per latent along each side. */
    factor: 2 ** (vaeConfig.block_out_channels.length - 1),
    latentChannels: vaeConfig.latent_channels,
    tokens: textConfig.max_position_embeddings,
    encode: (image: Tensor) => vaeEncoder(paramsOf(image.graph, "vae"), image, vaeConfig),
    decode: (latents: Tensor) => vaeDecoder(paramsOf(latents.graph, "vae"), latents, vaeConfig),
    /** ids int64 [b, tokens], sample [b, c, h, w], timesteps [b] → prediction [b, c, h, w]. */
    denoise(ids: Tensor, sample: Tensor, timesteps: Tensor): Tensor {
      const { graph } = sample
      const context = clipTextEncoder(paramsOf(graph, "text_encoder"), ids, textConfig).lastHiddenState
      return unet(paramsOf(graph, "unet"), { sample, timesteps, context }, unetConfig)
    },
  }
}

export type Networks = ReturnType<typeof networks>

/** Matrices between a component's first layer and its last, by their names in the graph: what Muon is for. */
export function hiddenLayersOf(component: Component, shapes: Shapes): Map<string, readonly number[]> {
  const outermost = /embedding\.weight$|(^|\.)(conv_in|conv_out|quant_conv|post_quant_conv)\./
  const hidden = [...shapes].filter(([key, shape]) => shape.length > 1 && !outermost.test(key))
  return new Map(hidden.map(([key, shape]) => [`${component}.${key}`, shape]))
}

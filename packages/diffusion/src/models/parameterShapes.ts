/** The names and shapes of all weights of a model, found by building it once without weights. */

import { Graph, type Shape } from "@fjord/engine"
import { type ClipTextConfig, clipTextEncoder } from "./clipTextEncoder.ts"
import { Params } from "./params.ts"
import { unet } from "./unet.ts"
import { type UnetConfig, unetLevels } from "./unetConfig.ts"
import { type VaeConfig, vaeDecoder, vaeEncoder } from "./vae.ts"

/** Safetensors key → shape, in the order in which the model uses them. */
export type ParameterShapes = ReadonlyMap<string, Shape>

export function unetParameterShapes(config: UnetConfig): ParameterShapes {
  return declared((graph, params) => {
    // The smallest image that every downsampler can halve.
    const side = 2 ** config.block_out_channels.length
    const levels = unetLevels(config)
    const sample = graph.input("sample", [1, config.in_channels, side, side])
    const context = graph.input("context", [1, 1, levels[0]?.contextChannels ?? 1])
    const timesteps = graph.input("timesteps", [1])
    if (config.addition_embed_type === null) return unet(params, { sample, timesteps, context }, config)
    const timeIds = graph.input("timeIds", [1, 6])
    const width = (config.projection_class_embeddings_input_dim ?? 0) - 6 * (config.addition_time_embed_dim ?? 0)
    const textEmbeds = graph.input("textEmbeds", [1, width])
    return unet(params, { sample, timesteps, context, textEmbeds, timeIds }, config)
  })
}

export function vaeParameterShapes(config: VaeConfig): ParameterShapes {
  return declared((graph, params) => {
    const side = 2 ** config.block_out_channels.length
    vaeEncoder(params, graph.input("image", [1, config.in_channels, side, side]), config)
    vaeDecoder(params, graph.input("latents", [1, config.latent_channels, 2, 2]), config)
  })
}

export function clipTextParameterShapes(config: ClipTextConfig): ParameterShapes {
  return declared((graph, params) => clipTextEncoder(params, graph.input("ids", [1, 1], "int64"), config))
}

function declared(build: (graph: Graph, params: Params) => unknown): ParameterShapes {
  const graph = new Graph()
  const shapes = new Map<string, Shape>()
  build(graph, Params.declaring(graph, shapes))
  return shapes
}

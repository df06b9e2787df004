/** Residual blocks and resampling, shared by the UNet and the autoencoder; diffusers/models/resnet.py and siblings. */

import type { Tensor } from "@fjord/engine"
import { axisSize, conv2d, groupNorm, linear } from "./layers.ts"
import type { Params } from "./params.ts"

export interface ResnetOptions {
  readonly out: number
  readonly groups: number
  readonly epsilon: number
  /** Time embedding [b, any]; the autoencoder has none. */
  readonly time?: Tensor
}

/** `ResnetBlock2D`: x [b, c, h, w] -> [b, out, h, w]. Several inputs (a skip connection) are concatenated first. */
export function resnet(params: Params, inputs: readonly Tensor[], options: ResnetOptions): Tensor {
  const { out, groups, epsilon, time } = options
  const { graph } = params
  return params.block(() => {
    const [first, ...others] = inputs
    if (!first) throw new Error(`${params.module}: a residual block needs an input.`)
    const x = others.length > 0 ? graph.concat(inputs, 1) : first
    let hidden = graph.silu(groupNorm(params.at("norm1"), x, groups, epsilon))
    hidden = conv2d(params.at("conv1"), hidden, out)
    if (time) {
      const shift = linear(params.at("time_emb_proj"), graph.silu(time), out)
      hidden = graph.add(hidden, graph.reshape(shift, [...shift.shape, 1, 1]))
    }
    hidden = graph.silu(groupNorm(params.at("norm2"), hidden, groups, epsilon))
    hidden = conv2d(params.at("conv2"), hidden, out)
    const shortcut = axisSize(x, 1) === out ? x : conv2d(params.at("conv_shortcut"), x, out, { kernel: 1 })
    return params.name(graph.add(shortcut, hidden))
  })
}

/** `Downsample2D`: halves height and width. A padding of 0 means bottom and right only, as in the autoencoder. */
export function downsample(params: Params, x: Tensor, padding: number): Tensor {
  const sides = padding === 0 ? { top: 0, left: 0, bottom: 1, right: 1 } : padding
  return params.block(() => params.name(conv2d(params.at("conv"), x, axisSize(x, 1), { stride: 2, padding: sides })))
}

/** `Upsample2D`: nearest neighbour to twice the axisSize, or to the height and width of `like`, then a convolution. */
export function upsample(params: Params, x: Tensor, like?: Tensor): Tensor {
  const { graph } = params
  const doubled = [axisSize(x, 2) * 2, axisSize(x, 3) * 2] as const
  const [height, width] = like ? ([axisSize(like, 2), axisSize(like, 3)] as const) : doubled
  return params.block(() => {
    const isDouble = height === doubled[0] && width === doubled[1]
    const large = isDouble ? graph.upsampleNearest2x(x) : graph.upsampleNearest(x, height, width)
    return params.name(conv2d(params.at("conv"), large, axisSize(x, 1)))
  })
}

/**
 * An encoder that need not learn: AutoencoderKL's own layers set so that its latents are principal components of patches.
 *
 * Such latents are smooth, uncorrelated and ordered from coarse to fine, which a denoiser learns in far fewer steps than
 * those of a young encoder; and since they never change, the decoder may learn before, beside or after it.
 */

import type { PrincipalComponents } from "./principalComponents.ts"

type Shapes = ReadonlyMap<string, readonly number[]>

export interface LinearEncoderOptions {
  /** Channels by level; each level but the last halves the side. */
  readonly channels: readonly number[]
  readonly latentChannels: number
  readonly groups: number
}

/** Standard deviation of the posterior, where that of all latents together is 1: what the decoder learns to forgive. */
const posteriorDeviation = 0.08
/** Height of the constant channels beside which normalisation hardly sees the signal. */
const constantHeight = 30

/** Sets the encoder's weights among those of `vae.…`; `shapes` are the component's. */
export function setLinearEncoder(
  weights: ReadonlyMap<string, Float32Array>,
  shapes: Shapes,
  { mean, components, variances }: PrincipalComponents,
  { channels, latentChannels, groups }: LinearEncoderOptions,
): void {
  const tensor = (key: string) => {
    const [values, shape] = [weights.get(`vae.${key}`), shapes.get(key)]
    if (!values || !shape) throw new Error(`The autoencoder has no ${key}: widths that double are wanted.`)
    return { values, shape }
  }
  for (const [key, shape] of shapes)
    if (key.startsWith("encoder.") || key.startsWith("quant_conv."))
      tensor(key).values.fill(key.includes("norm") && key.endsWith("weight") && shape.length === 1 ? 1 : 0)
  /** Element of a convolution: output and input channel, row and column of the kernel. */
  const set = (key: string, [out, into, y, x]: readonly [number, number, number, number], value: number) => {
    const { values, shape } = tensor(`${key}.weight`)
    const [, width = 1, kh = 1, kw = 1] = shape
    values[((out * width + into) * kh + y) * kw + x] = value
  }
  for (let c = 0; c < 3; c++) set("encoder.conv_in", [c, c, 1, 1], 1)

  const last = channels.length - 2
  const side = 2 ** (last + 1)
  // Half of the way to equal variances: details count for more than their share of the picture, but after the coarse.
  const spread = Math.sqrt(
    variances.slice(0, latentChannels).reduce((sum, variance) => sum + Math.sqrt(variance), 0) / latentChannels,
  )
  const scales = variances.map((variance) => 1 / (variance ** 0.25 * spread))
  // What the channels stand for: a pixel of the patch each.
  let pixels = [0, 1, 2].map((colour) => ({ y: 0, x: 0, colour }))
  for (let level = 0; level <= last; level++) {
    const key = `encoder.down_blocks.${level}.downsamplers.0.conv`
    if (level > 0) copyThrough(`encoder.down_blocks.${level}.resnets.0.conv_shortcut`, pixels.length)
    const next: typeof pixels = []
    for (const [tap, [ty, tx]] of (
      [
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
      ] as const
    ).entries())
      for (const [i, { y, x, colour }] of pixels.entries()) {
        const pixel = { y: y + ty * 2 ** level, x: x + tx * 2 ** level, colour }
        next.push(pixel)
        if (level < last) set(key, [tap * pixels.length + i, i, ty, tx], 1)
        else
          for (let k = 0; k < latentChannels; k++) {
            const place = (pixel.y * side + pixel.x) * 3 + colour
            set(key, [k, i, ty, tx], (components[k]?.[place] as number) * (scales[k] as number))
          }
      }
    pixels = next
  }
  const bias = tensor(`encoder.down_blocks.${last}.downsamplers.0.conv.bias`).values
  for (let k = 0; k < latentChannels; k++)
    bias[k] = -(scales[k] as number) * mean.reduce((sum, value, i) => sum + value * (components[k]?.[i] as number), 0)
  setHead()

  function copyThrough(key: string, count: number) {
    for (let c = 0; c < count; c++) set(key, [c, c, 0, 0], 1)
  }

  /**
   * The last level ends in GroupNorm and SiLU. Every latent goes through as x and -x, since SiLU(x) - SiLU(-x) = x, and
   * constants of both signs fill each group, so that its mean is 0 and its deviation nearly theirs.
   */
  function setHead() {
    const shortcut = `encoder.down_blocks.${last + 1}.resnets.0.conv_shortcut`
    const constants = tensor(`${shortcut}.bias`).values
    const width = constants.length / groups
    const perGroup = Math.ceil(latentChannels / groups)
    if (4 * perGroup > width)
      throw new Error(`${constants.length} channels cannot carry ${latentChannels} latents: four for each are wanted.`)
    const deviation = constantHeight * Math.sqrt((width - 2 * perGroup) / width)
    for (let c = 0; c < constants.length; c++)
      if (c % width >= 2 * perGroup) constants[c] = c % 2 === 0 ? constantHeight : -constantHeight
    for (let k = 0; k < latentChannels; k++) {
      const channel = Math.floor(k / perGroup) * width + 2 * (k % perGroup)
      for (const [offset, sign] of [1, -1].entries()) {
        set(shortcut, [channel + offset, k, 0, 0], sign)
        set("encoder.conv_out", [k, channel + offset, 1, 1], sign * deviation)
      }
      set("quant_conv", [k, k, 0, 0], 1)
    }
    tensor("quant_conv.bias").values.fill(2 * Math.log(posteriorDeviation), latentChannels)
  }
}

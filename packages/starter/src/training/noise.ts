/** The forward process: how much signal and noise there is at each timestep (Ho et al. 2020, §2). */

export interface NoiseSchedule {
  /** √ᾱ and √(1 - ᾱ) by timestep. */
  readonly signal: Float64Array
  readonly noise: Float64Array
}

/** diffusers' `scaled_linear` betas over 1000 timesteps. */
export function scaledLinear({
  beta_start: from,
  beta_end: to,
}: {
  beta_start: number
  beta_end: number
}): NoiseSchedule {
  const count = 1000
  const [signal, noise] = [new Float64Array(count), new Float64Array(count)]
  let product = 1
  for (let t = 0; t < count; t++) {
    const root = Math.sqrt(from) + ((Math.sqrt(to) - Math.sqrt(from)) * t) / (count - 1)
    product *= 1 - root * root
    signal[t] = Math.sqrt(product)
    noise[t] = Math.sqrt(1 - product)
  }
  return { signal, noise }
}

import assert from "node:assert/strict"
import { test } from "node:test"
import { type SchedulerName, schedulerNames, stepsOfStrength } from "@fjord/contracts"
import { schedulerFromDiffusersConfig } from "./index.ts"

/** Stable Diffusion's own scheduler_config.json. */
const stableDiffusion = {
  _class_name: "PNDMScheduler",
  beta_start: 0.00085,
  beta_end: 0.012,
  beta_schedule: "scaled_linear",
  clip_sample: false,
  num_train_timesteps: 1000,
  set_alpha_to_one: false,
  skip_prk_steps: true,
  steps_offset: 1,
}

const noises = [
  [-0.606757640838623, 1.18706214427948],
  [-0.7710877656936646, 0.11420296132564545],
  [-1.9472196102142334, 1.4919553995132446],
]

/**
 * What diffusers' classes make of x0 = (0.8, -1.2) noised with (-0.6, 1.1) at strength 0.75 of ten steps, where the model
 * says 0.7 tanh(input) + 0.1 and the drawn noises are the above in turn: an odd start, within a group of dpmpp_2s.
 */
const reference: Record<SchedulerName, { first: number; calls: number; start: number[]; end: number[] }> = {
  ddpm: { first: 601, calls: 7, start: [-0.230153, 0.5285525], end: [-2.3425441, 1.9108166] },
  ddim: { first: 601, calls: 7, start: [-0.230153, 0.5285525], end: [-0.3412975, 0.345807] },
  pndm: { first: 701, calls: 8, start: [-0.3459314, 0.7105303], end: [-0.4578089, 0.588015] },
  lms: { first: 666, calls: 7, start: [-0.9509851, 2.0101395], end: [-0.433896, 0.4296915] },
  euler: { first: 666, calls: 7, start: [-0.9509851, 2.0101395], end: [-0.4603479, 0.5094629] },
  euler_ancestral: { first: 666, calls: 7, start: [-0.9509851, 2.0101395], end: [-2.810219, 2.4051559] },
  heun: { first: 666, calls: 13, start: [-0.9509851, 2.0101395], end: [-0.4436837, 0.5165943] },
  dpmpp_2m: { first: 699, calls: 7, start: [-0.3438647, 0.7073039], end: [-0.5090281, 0.6116092] },
  dpmpp_2m_karras: { first: 687, calls: 7, start: [-0.3314108, 0.6878433], end: [-0.4761863, 0.5777942] },
  unipc: { first: 699, calls: 7, start: [-0.3438647, 0.7073039], end: [-0.5077524, 0.6111836] },
  dpmpp_2s: { first: 699, calls: 7, start: [-0.3438647, 0.7073039], end: [-0.5199688, 0.615988] },
  deis: { first: 699, calls: 7, start: [-0.3438647, 0.7073039], end: [-0.5207532, 0.6291292] },
  dpm2: { first: 666, calls: 13, start: [-0.9509851, 2.0101395], end: [-0.4443418, 0.5199797] },
  lcm: { first: 699, calls: 7, start: [-0.3438647, 0.7073039], end: [-3.8239462, 1.9863979] },
}

const near = (actual: Float32Array, expected: readonly number[], what: string) =>
  expected.forEach((value, i) => {
    assert.ok(
      Math.abs((actual[i] ?? Number.NaN) - value) < 2e-6 * Math.max(1, Math.abs(value)),
      `${what}: ${actual[i]}`,
    )
  })

for (const name of schedulerNames)
  test(`${name} starts late from a noised sample as in diffusers`, () => {
    const scheduler = schedulerFromDiffusersConfig(stableDiffusion, name)
    scheduler.setTimesteps(10)
    const index = (10 - stepsOfStrength(10, 0.75)) * scheduler.order
    scheduler.beginAt(index)
    const timesteps = scheduler.timesteps.slice(index)
    assert.equal(timesteps[0], reference[name].first)
    assert.equal(timesteps.length, reference[name].calls)
    const [original, noise] = [Float32Array.of(0.8, -1.2), Float32Array.of(-0.6, 1.1)]
    let sample = scheduler.addNoise(original, noise, timesteps.slice(0, 1))
    near(sample, reference[name].start, "start")
    let drawn = 0
    for (const timestep of timesteps) {
      const output = scheduler.scaleModelInput(sample, timestep).map((value) => 0.7 * Math.tanh(value) + 0.1)
      sample = scheduler.step(output, timestep, sample, () => Float32Array.from(noises[drawn++ % 3] ?? []))
    }
    near(sample, reference[name].end, "end")
  })

test("a run that is prepared again starts at its first timestep", () => {
  for (const name of schedulerNames) {
    const [used, fresh] = [0, 1].map(() => schedulerFromDiffusersConfig(stableDiffusion, name))
    assert.ok(used && fresh)
    used.setTimesteps(10)
    used.beginAt(4)
    const samples = [used, fresh].map((scheduler) => {
      scheduler.setTimesteps(10)
      const [timestep = Number.NaN] = scheduler.timesteps
      const sample = Float32Array.of(1, -1)
      return scheduler.step(scheduler.scaleModelInput(sample, timestep), timestep, sample, () => Float32Array.of(1, 2))
    })
    assert.deepEqual(samples[0], samples[1], name)
  }
})

test("strength is the share of the steps that are made, rounded down as Python's int does", () => {
  const table = [
    [50, 0.8, 40],
    [30, 0.8, 24],
    [30, 0.35, 10],
    [10, 0.65, 6],
    [25, 0.3, 7],
    [10, 0.29, 2],
    [100, 0.29, 28],
    [4, 1, 4],
    [4, 0.2, 0],
  ] as const
  for (const [steps, strength, made] of table)
    assert.equal(stepsOfStrength(steps, strength), made, `${steps} ${strength}`)
})

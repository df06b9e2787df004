import assert from "node:assert/strict"
import { test } from "node:test"
import { type SchedulerName, schedulerNames } from "@fjord/contracts"
import { alphasCumprod, makeBetas, rescaleZeroTerminalSnr, signalToNoise } from "./betas.ts"
import { createScheduler, type Scheduler, schedulerFromDiffusersConfig, trainingScheduler } from "./index.ts"

/** Stable Diffusion's own scheduler_config.json, with the keys of other classes that it carries. */
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

// Two elements of the reference inputs, and of the samples after three of ten steps that diffusers makes of them.
const start = [1.6632137298583984, -0.4642919600009918]
const outputs = [
  [0.3353070020675659, -0.8594256043434143],
  [-0.5736794471740723, 0.8624300956726074],
  [-0.875809907913208, 0.19387030601501465],
]
const noises = [
  [-0.606757640838623, 1.18706214427948],
  [-0.7710877656936646, 0.11420296132564545],
  [-1.9472196102142334, 1.4919553995132446],
]
const reference: Record<SchedulerName, { offset: number; timesteps: number[]; sample: number[] }> = {
  ddpm: { offset: 0, timesteps: [900, 800, 700], sample: [3.1376473903656006, 2.114614963531494] },
  ddim: { offset: 1, timesteps: [901, 801, 701], sample: [5.961094856262207, -1.1474140882492065] },
  pndm: { offset: 1, timesteps: [901, 801, 801], sample: [4.891080856323242, -1.4927375316619873] },
  lms: { offset: 1, timesteps: [999, 888, 777], sample: [26.178510665893555, -4.820592880249023] },
  euler: { offset: 1, timesteps: [999, 888, 777], sample: [25.36992645263672, -4.077129364013672] },
  euler_ancestral: { offset: 1, timesteps: [999, 888, 777], sample: [14.89059066772461, 8.85057258605957] },
  heun: { offset: 1, timesteps: [999, 888, 888], sample: [27.94422721862793, -7.421978950500488] },
  dpmpp_2m: { offset: 0, timesteps: [999, 899, 799], sample: [7.879450798034668, -1.9426034688949585] },
  dpmpp_2m_karras: { offset: 0, timesteps: [999, 916, 815], sample: [8.77699089050293, -2.68257212638855] },
  unipc: { offset: 0, timesteps: [999, 899, 799], sample: [8.137868881225586, -2.218817949295044] },
  dpmpp_2s: { offset: 0, timesteps: [999, 899, 799], sample: [7.873293876647949, -2.2061846256256104] },
  deis: { offset: 0, timesteps: [999, 899, 799], sample: [7.789854049682617, -1.792391300201416] },
  dpm2: { offset: 1, timesteps: [999, 945.712890625, 888], sample: [29.795339584350586, -12.982735633850098] },
  lcm: { offset: 0, timesteps: [999, 899, 799], sample: [3.8216798305511475, 3.749255657196045] },
}

for (const name of schedulerNames) {
  test(`${name} makes the samples that diffusers makes`, () => {
    const { offset, timesteps, sample: expected } = reference[name]
    const scheduler = schedulerFromDiffusersConfig({ ...stableDiffusion, steps_offset: offset }, name)
    scheduler.setTimesteps(10)
    assert.deepEqual([...scheduler.timesteps.slice(0, 3)], timesteps)
    let sample: Float32Array = Float32Array.from(start, (value) => value * scheduler.initNoiseSigma)
    let drawn = 0
    const noise = () => Float32Array.from(noises[drawn++] ?? [])
    outputs.forEach((output, i) => {
      const timestep = scheduler.timesteps[i] ?? Number.NaN
      scheduler.scaleModelInput(sample, timestep)
      sample = scheduler.step(Float32Array.from(output), timestep, sample, noise)
    })
    expected.forEach((value, i) => {
      assert.ok(Math.abs((sample[i] ?? Number.NaN) - value) < 1e-5 * Math.abs(value), `${sample[i]} is not ${value}`)
    })
  })
}

test("a configuration names its class, and -Infinity as Python writes it is understood", () => {
  const text = '{"_class_name": "DPMSolverMultistepScheduler", "lambda_min_clipped": -Infinity, "unheard_of": 1}'
  const scheduler = schedulerFromDiffusersConfig(text)
  scheduler.setTimesteps(20)
  assert.equal(scheduler.timesteps.length, 20)
})

test("a changed class keeps only the options that it has: DDIM clips unless told not to, as in diffusers", () => {
  const { clip_sample: _, ...without } = stableDiffusion
  const scheduler = schedulerFromDiffusersConfig(without, "ddim")
  scheduler.setTimesteps(1)
  const clipped = scheduler.step(new Float32Array([0]), 1, new Float32Array([100]), () => new Float32Array(1))
  assert.ok((clipped[0] ?? 0) < 10)
})

test("LCM takes no more steps than it was distilled from, and the last draws no noise", () => {
  const scheduler = createScheduler("lcm")
  assert.throws(() => scheduler.setTimesteps(51), /51 steps are more than the 50/)
  scheduler.setTimesteps(4)
  assert.deepEqual([...scheduler.timesteps], [999, 759, 499, 259])
  const refuse = () => assert.fail("noise was drawn")
  scheduler.step(new Float32Array(2), 259, new Float32Array(2), refuse)
})

test("groups of the singlestep solver are shortened at the end, whatever the number of steps", () => {
  for (const solverOrder of [1, 2, 3])
    for (let n = 1; n <= 7; n++) {
      // A run of third order that ends in a second-order step cannot reach sigma 0, in diffusers neither.
      if (solverOrder === 3 && n % 3 === 2) continue
      const scheduler = createScheduler("dpmpp_2s", { solverOrder })
      scheduler.setTimesteps(n)
      let sample = new Float32Array([1])
      for (const timestep of scheduler.timesteps)
        sample = Float32Array.from(scheduler.step(new Float32Array([0.5]), timestep, sample, () => new Float32Array(1)))
      assert.ok(Number.isFinite(sample[0]), `order ${solverOrder}, ${n} steps`)
    }
})

test("unknown classes, unsupported values and impossible step counts are refused with a sentence", () => {
  assert.throws(() => schedulerFromDiffusersConfig({ _class_name: "TCDScheduler" }), /TCDScheduler.*wanted one of/)
  assert.throws(() => schedulerFromDiffusersConfig({ ...stableDiffusion, beta_schedule: "cubic" }), /betaSchedule/)
  assert.throws(() => createScheduler("ddim").setTimesteps(0), /integer of 1 to 1000, got 0/)
  assert.throws(() => createScheduler("euler", { useKarrasSigmas: true, useBetaSigmas: true }), /exclude each other/)
})

test("training noises row by row, and velocity and noised image are at right angles", () => {
  const scheduler = trainingScheduler(stableDiffusion)
  const [original, noise] = [new Float32Array([1, 0, 1, 0]), new Float32Array([0, 1, 0, 1])]
  const noised = scheduler.addNoise(original, noise, [0, 999])
  const velocity = scheduler.velocity(original, noise, [0, 999])
  assert.ok((noised[0] ?? 0) > 0.999 && (noised[2] ?? 0) < 0.07)
  for (const row of [0, 2]) {
    const dot = (noised[row] ?? 0) * (velocity[row] ?? 0) + (noised[row + 1] ?? 0) * (velocity[row + 1] ?? 0)
    assert.ok(Math.abs(dot) < 1e-6)
  }
  assert.ok(scheduler.snr(0) > 1000 && scheduler.snr(999) < 0.005)
  assert.throws(() => scheduler.addNoise(original, noise, [0, 1000]), /0 to 999, got 1000/)
})

test("zero terminal SNR leaves no signal in the last timestep and the first as it was", () => {
  const betas = makeBetas({
    numTrainTimesteps: 1000,
    betaStart: 0.00085,
    betaEnd: 0.012,
    betaSchedule: "scaled_linear",
    trainedBetas: null,
    rescaleBetasZeroSnr: false,
  })
  const before = alphasCumprod(betas)
  const after = alphasCumprod(rescaleZeroTerminalSnr(betas))
  assert.equal(after.at(-1), 0)
  assert.ok(Math.abs((after[0] ?? 0) - (before[0] ?? 1)) < 1e-6)
  assert.equal(signalToNoise(after).at(-1), 0)
})

/** The last sample that the scheduler makes of (1.5, -0.5) with these model outputs. */
function finalSample(scheduler: Scheduler, steps: number): { timesteps: number[]; sample: number[] } {
  const predictions = [
    [0.3, -0.8],
    [-0.5, 0.8],
    [-0.9, 0.2],
    [0.4, 0.1],
  ]
  scheduler.setTimesteps(steps)
  let sample = Float32Array.of(1.5, -0.5)
  for (const [i, timestep] of scheduler.timesteps.entries())
    sample = Float32Array.from(
      scheduler.step(Float32Array.from(predictions[i % 4] ?? []), timestep, sample, () => new Float32Array(2)),
    )
  return { timesteps: [...scheduler.timesteps], sample: [...sample] }
}

test("options that only some classes have take effect as in diffusers", () => {
  // Whole groups to the end: lower_order_final is off by default in this class alone.
  const whole = finalSample(
    schedulerFromDiffusersConfig({ ...stableDiffusion, final_sigmas_type: "sigma_min" }, "dpmpp_2s"),
    4,
  )
  assert.deepEqual(whole.timesteps, [999, 749, 500, 250])
  closeTo(whole.sample, [19.887935638427734, -2.0917229652404785])
  // Timesteps of a shape are cut, not rounded, but for Karras' one.
  const beta = { ...stableDiffusion, final_sigmas_type: "sigma_min", use_beta_sigmas: true }
  assert.deepEqual(finalSample(schedulerFromDiffusersConfig(beta, "dpmpp_2s"), 4).timesteps.slice(1), [943, 746, 0])
  // One step of a shape ends at the noise it started with.
  const deis = schedulerFromDiffusersConfig({ ...stableDiffusion, use_karras_sigmas: true }, "deis")
  closeTo(finalSample(deis, 1).sample, [1.5, -0.5])
})

test("where nothing but noise is left, a clipped prediction is finite and the step rounds as PyTorch does", () => {
  const noSignal = { ...stableDiffusion, rescale_betas_zero_snr: true, clip_sample: true, timestep_spacing: "trailing" }
  for (const name of ["ddpm", "ddim"] as const) {
    const scheduler = schedulerFromDiffusersConfig(noSignal, name)
    scheduler.setTimesteps(10)
    // (sample - noise) / 0 is infinite and clips to ±1.
    const next = scheduler.step(Float32Array.of(0.5, 2), 999, Float32Array.of(1.5, -0.5), () => new Float32Array(2))
    assert.ok(next.every(Number.isFinite), `${name}: ${next}`)
  }
  const heun = schedulerFromDiffusersConfig(
    { ...stableDiffusion, beta_schedule: "squaredcos_cap_v2", timestep_spacing: "linspace" },
    "heun",
  )
  heun.setTimesteps(3)
  let sample = Float32Array.of(1.5, -0.5).map((value) => value * heun.initNoiseSigma)
  const outputs = [
    [0.3, -0.8],
    [-0.5, 0.8],
  ]
  for (const [i, output] of outputs.entries())
    sample = Float32Array.from(
      heun.step(Float32Array.from(output), heun.timesteps[i] ?? 0, sample, () => new Float32Array(2)),
    )
  closeTo([...sample], [32474.259765625, -10144.2392578125], 2e-7)
})

function closeTo(actual: readonly number[], expected: readonly number[], tolerance = 2e-6): void {
  for (const [i, value] of expected.entries())
    assert.ok(
      Math.abs((actual[i] ?? Number.NaN) - value) <= tolerance * Math.abs(value),
      `${actual[i]} is not ${value}`,
    )
}

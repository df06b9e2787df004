import { UnsupportedError } from "../unsupported.ts"
import type { SchedulerConfig } from "./config.ts"
import { clippedTimesteps, convertOutput, stepFactors } from "./dpmSolverSteps.ts"
import { type Scheduler, weightedSum } from "./scheduler.ts"
import { SolverSpace, solverScheduler } from "./solverSpace.ts"
import { checkStepCount, linspace } from "./timestepSpacing.ts"

/**
 * DPM-Solver and DPM-Solver++ (Lu et al., arXiv 2206.00927 and 2211.01095), multistep, orders 1 to 3, deterministic and
 * stochastic; diffusers' scheduling_dpmsolver_multistep.py. Stochastic variants draw noise at every step.
 */
export function dpmSolverMultistepScheduler(config: SchedulerConfig): Scheduler {
  const algorithm = config.algorithmType === "deis" ? "dpmsolver++" : config.algorithmType
  const heun = config.solverType === "heun"
  const stochastic = algorithm.startsWith("sde-")
  const predictsOriginal = algorithm.endsWith("++")
  if (!predictsOriginal && config.finalSigmasType === "zero") {
    throw new UnsupportedError(
      `DPMSolverMultistepScheduler: algorithmType "${algorithm}" cannot end at sigma 0; set finalSigmasType to "sigma_min".`,
    )
  }
  if (config.solverOrder > 3) {
    throw new UnsupportedError(`DPMSolverMultistepScheduler: solverOrder must be 1, 2 or 3, got ${config.solverOrder}.`)
  }
  if (config.solverOrder === 3 && algorithm === "sde-dpmsolver") {
    throw new UnsupportedError(
      'DPMSolverMultistepScheduler: algorithmType "sde-dpmsolver" has no third order; use solverOrder 2.',
    )
  }
  const space = new SolverSpace(config)
  const { table, trainingSigmas, logSigmas, alphas } = space
  const lastTimestep = config.numTrainTimesteps - clippedTimesteps(alphas, config)
  /** Converted model outputs, newest first. */
  let outputs: Float32Array[] = []

  function schedule(n: number) {
    const rounds = config.betaSchedule !== "squaredcos_cap_v2"
    if (!config.useLuLambdas || config.useKarrasSigmas)
      return space.schedule(n, config, { last: lastTimestep, rounds: rounds && config.useKarrasSigmas })
    checkStepCount(n, config)
    const [first, last] = [logSigmas[0] ?? 0, logSigmas.at(-1) ?? 0]
    const sigmas = linspace(0, 1, n).map((x) => Math.exp(last + x * (first - last)))
    return { timesteps: space.timestepsOf(sigmas, rounds), sigmas }
  }

  /** One step from level s to t with the newest `order` outputs. */
  function update(order: number, index: number, sample: Float32Array, noise: Float32Array | null): Float32Array {
    const [t, s] = [space.levelAt(index + 1), space.levelAt(index)]
    const h = t.lambda - s.lambda
    const factors = stepFactors(algorithm, t, s, h)
    const [m0, m1, m2] = outputs
    const terms: [number, Float32Array][] = []
    if (m0 === undefined) throw new Error("DPMSolverMultistepScheduler: no model output to step with.")
    terms.push([factors.d0, m0])
    if (order > 1 && m1 !== undefined) {
      const r0 = (s.lambda - space.levelAt(index - 1).lambda) / h
      if (order > 2 && m2 !== undefined) {
        const r1 = (space.levelAt(index - 1).lambda - space.levelAt(index - 2).lambda) / h
        const near = weightedSum([1 / r0, m0], [-1 / r0, m1])
        const far = weightedSum([1 / r1, m1], [-1 / r1, m2])
        const bend = weightedSum([1, near], [-1, far])
        terms.push([factors.d1, near], [(factors.d1 * r0 + factors.d2) / (r0 + r1), bend])
      } else {
        const slope = heun ? factors.d1 : factors.d0 / 2
        terms.push([slope / r0, m0], [-slope / r0, m1])
      }
    }
    if (noise) terms.push([factors.noise, noise])
    return weightedSum([factors.sample, sample], ...terms)
  }

  return solverScheduler(space, {
    setTimesteps(n) {
      const { timesteps, sigmas } = schedule(n)
      table.reset(timesteps, [...sigmas, config.finalSigmasType === "sigma_min" ? (trainingSigmas[0] ?? 0) : 0])
      outputs = []
    },
    step(modelOutput, timestep, sample, noise, options = {}) {
      const index = space.current(timestep)
      const left = table.timesteps.length - index
      const short = config.lowerOrderFinal && table.timesteps.length < 15
      const known = outputs.length + 1
      const converted = convertOutput(
        space,
        config,
        predictsOriginal,
        modelOutput,
        sample,
        space.levelAt(index),
        options,
      )
      outputs = [converted, ...outputs].slice(0, config.solverOrder)
      // Low orders at the end keep runs of few steps stable.
      const firstOrder = left === 1 && (config.eulerAtFinal || short || config.finalSigmasType === "zero")
      const order = firstOrder ? 1 : left === 2 && short ? 2 : 3
      const next = update(Math.min(config.solverOrder, known, order), index, sample, stochastic ? noise() : null)
      table.advance()
      return next
    },
  })
}

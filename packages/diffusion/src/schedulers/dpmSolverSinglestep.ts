import { UnsupportedError } from "../unsupported.ts"
import type { SchedulerConfig } from "./config.ts"
import { clippedTimesteps, convertOutput, stepFactors } from "./dpmSolverSteps.ts"
import { type Scheduler, weightedSum } from "./scheduler.ts"
import { SolverSpace, solverScheduler } from "./solverSpace.ts"

/**
 * DPM-Solver and DPM-Solver++ (Lu et al., arXiv 2206.00927 and 2211.01095), singlestep: one, two or three model calls go
 * together, each group from one sample; diffusers' scheduling_dpmsolver_singlestep.py. As many model calls as steps.
 */
export function dpmSolverSinglestepScheduler(config: SchedulerConfig): Scheduler {
  const algorithm = config.algorithmType === "deis" ? "dpmsolver++" : config.algorithmType
  const heun = config.solverType === "heun"
  const stochastic = algorithm.startsWith("sde-")
  const predictsOriginal = algorithm.endsWith("++")
  if (!predictsOriginal && config.finalSigmasType === "zero") {
    throw new UnsupportedError(
      `DPMSolverSinglestepScheduler: algorithmType "${algorithm}" cannot end at sigma 0; set finalSigmasType to "sigma_min".`,
    )
  }
  if (config.solverOrder > 3 || (config.solverOrder === 3 && stochastic)) {
    const wanted = stochastic ? "1 or 2 for a stochastic algorithm" : "1, 2 or 3"
    throw new UnsupportedError(
      `DPMSolverSinglestepScheduler: solverOrder must be ${wanted}, got ${config.solverOrder}.`,
    )
  }
  const space = new SolverSpace(config)
  const { table, trainingSigmas, alphas } = space
  const lastTimestep = config.numTrainTimesteps - clippedTimesteps(alphas, config)
  let orders = orderList(config.numTrainTimesteps, config)
  /** Converted model outputs, newest first. */
  let outputs: Float32Array[] = []
  /** The sample that the present group started from. */
  let start: Float32Array | null = null

  function update(order: number, index: number, sample: Float32Array, noise: Float32Array | null): Float32Array {
    const [t, s] = [space.levelAt(index + 1), space.levelAt(index - order + 1)]
    const h = t.lambda - s.lambda
    const factors = stepFactors(algorithm, t, s, h)
    // In the order of the group: the first is that of the level it started from.
    const [first, second, third] = outputs.slice(0, order).reverse()
    if (first === undefined) throw new Error("DPMSolverSinglestepScheduler: no model output to step with.")
    const terms: [number, Float32Array][] = [[factors.d0, first]]
    /** How far into the group's stretch of lambda a level is. */
    const share = (level: number) => (space.levelAt(level).lambda - s.lambda) / h
    if (second !== undefined && third === undefined) {
      const factor = (heun ? factors.d1 : factors.d0 / 2) / share(index)
      terms.push([factor, second], [-factor, first])
    } else if (second !== undefined && third !== undefined) {
      const [near, far] = [share(index - 1), share(index)]
      const nearSlope = weightedSum([1 / near, second], [-1 / near, first])
      const farSlope = weightedSum([1 / far, third], [-1 / far, first])
      if (!heun) terms.push([factors.d1, farSlope])
      else {
        const gap = far - near
        const bend = (2 * factors.d2) / gap
        terms.push([(factors.d1 * far) / gap - bend, nearSlope], [(-factors.d1 * near) / gap + bend, farSlope])
      }
    }
    if (noise) terms.push([factors.noise, noise])
    return weightedSum([factors.sample, sample], ...terms)
  }

  return solverScheduler(space, {
    setTimesteps(n) {
      // This class has no other spacing.
      const { timesteps, sigmas } = space.schedule(
        n,
        { ...config, timestepSpacing: "linspace" },
        { last: lastTimestep },
      )
      table.reset(timesteps, [...sigmas, config.finalSigmasType === "sigma_min" ? (trainingSigmas[0] ?? 0) : 0])
      orders = orderList(n, config)
      outputs = []
      start = null
    },
    step(modelOutput, timestep, sample, noise, options = {}) {
      const index = space.current(timestep)
      const level = space.levelAt(index)
      const converted = convertOutput(space, config, predictsOriginal, modelOutput, sample, level, options)
      outputs = [converted, ...outputs].slice(0, config.solverOrder)
      // A run that starts late may start within a group.
      const order = Math.min(orders[index] ?? 1, outputs.length)
      const drawn = stochastic ? noise() : null
      if (order === 1 || start === null) start = sample
      const next = update(order, index, start, drawn)
      table.advance()
      return next
    },
  })
}

/** The order of each of n model calls: groups of 1, 2, …, the last of them shortened so that n come out. */
function orderList(n: number, { solverOrder, lowerOrderFinal, finalSigmasType }: SchedulerConfig): number[] {
  const group = Array.from({ length: solverOrder }, (_, i) => i + 1)
  const groups = (count: number) => Array.from({ length: Math.max(0, count) }, () => group).flat()
  const whole = Math.floor(n / solverOrder)
  const rest = n % solverOrder
  const lowers = lowerOrderFinal || rest !== 0 || finalSigmasType === "zero"
  if (!lowers || solverOrder === 1) return groups(whole)
  if (rest > 0) return [...groups(whole), ...group.slice(0, rest)]
  // The last step is of first order in any case: 1 2 3 becomes 1 2 1.
  return [...groups(whole - 1), ...group.slice(0, -1), 1]
}

import { UnsupportedError } from "../unsupported.ts"
import type { SchedulerConfig } from "./config.ts"
import { convertOutput } from "./dpmSolverSteps.ts"
import { type Scheduler, weightedSum } from "./scheduler.ts"
import { SolverSpace, solverScheduler } from "./solverSpace.ts"

/** DEIS (Zhang and Chen, arXiv 2204.13902) in log rho, orders 1 to 3; diffusers' scheduling_deis_multistep.py. */
export function deisMultistepScheduler(config: SchedulerConfig): Scheduler {
  if (config.solverOrder > 3)
    throw new UnsupportedError(`DEISMultistepScheduler: solverOrder must be 1, 2 or 3, got ${config.solverOrder}.`)
  const space = new SolverSpace(config)
  const { table } = space
  /** Predicted noises, newest first. */
  let outputs: Float32Array[] = []

  function update(order: number, index: number, sample: Float32Array): Float32Array {
    const [t, s] = [space.levelAt(index + 1), space.levelAt(index)]
    const [newest] = outputs
    if (newest === undefined) throw new Error("DEISMultistepScheduler: no model output to step with.")
    if (order === 1) {
      const factor = t.sigma * Math.expm1(t.lambda - s.lambda)
      return weightedSum([t.alpha / s.alpha, sample], [-factor, newest])
    }
    // The newest levels; the noise is taken for the polynomial in log rho through their outputs.
    const rhos = Array.from({ length: order }, (_, i) => table.at(index - i))
    const [from, to] = [table.at(index), table.at(index + 1)]
    const terms = rhos.map((rho, i): [number, Float32Array] => {
      const others = rhos.filter((_, j) => j !== i)
      const factor = integral(to, rho, others) - integral(from, rho, others)
      return [t.alpha * factor, outputs[i] ?? newest]
    })
    return weightedSum([t.alpha / s.alpha, sample], ...terms)
  }

  return solverScheduler(space, {
    setTimesteps(n) {
      const { timesteps, sigmas, shaped } = space.schedule(n, config)
      // A shape ends with its own smallest sigma once more; that is the training's unless there is one step only.
      table.reset(timesteps, [...sigmas, (shaped ? sigmas.at(-1) : space.trainingSigmas[0]) ?? 0])
      outputs = []
    },
    step(modelOutput, timestep, sample, _noise, options = {}) {
      const index = space.current(timestep)
      const left = table.timesteps.length - index
      const short = config.lowerOrderFinal && table.timesteps.length < 15
      const known = outputs.length + 1
      const predicted = convertOutput(space, config, false, modelOutput, sample, space.levelAt(index), options)
      outputs = [predicted, ...outputs].slice(0, config.solverOrder)
      const most = short ? Math.min(left, 3) : 3
      const next = update(Math.min(config.solverOrder, known, most), index, sample)
      table.advance()
      return next
    },
  })
}

/** ∫ of the Lagrange polynomial in log t that is 1 at `node` and 0 at `others`, at `t`; one or two others. */
function integral(t: number, node: number, others: readonly number[]): number {
  const log = Math.log
  const [c = 1, d] = others
  if (d === undefined) return (t * (log(t) - log(c) - 1)) / (log(node) - log(c))
  const numerator = t * (log(c) * (log(d) - log(t) + 1) - log(d) * log(t) + log(d) + log(t) ** 2 - 2 * log(t) + 2)
  return numerator / ((log(node) - log(c)) * (log(node) - log(d)))
}

/** Measures the machine with as many threads and as much memory as its arguments say, answers and ends. */

import { AdamW, compile, Graph, shared } from "@fjord/engine"
import type { MachineSpeed } from "../training/planRun.ts"
import { whatFits } from "../training/whatFits.ts"
import type { MeasuredMachine } from "./measureMachine.ts"

const machine = { provider: "cpu", threads: Number(process.argv[2]) } as const

/** Seconds of the quickest of some runs: what else the machine does only makes them slower. */
async function quickest(times: number, work: () => Promise<unknown> | undefined): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < times; i++) {
    const begin = performance.now()
    await work()
    least = Math.min(least, (performance.now() - begin) / 1000)
  }
  return least
}

/** Seconds of a product of two n by n matrices. */
async function productSeconds(n: number, times: number): Promise<number> {
  const graph = new Graph()
  const x = graph.input("x", [n, n])
  const program = await compile({ y: graph.linear(x, graph.input("w", [n, n])) }, { ...machine, weights: new Map() })
  const feeds = { x: new Float32Array(n * n).fill(0.5), w: new Float32Array(n * n).fill(0.25) }
  await program.run(feeds)
  const seconds = await quickest(times, () => program.run(feeds))
  await program.release()
  return seconds
}

function optimiserSeconds(parameters: number): Promise<number> {
  const optimiser = new AdamW(machine)
  const [weights, gradient] = [shared(new Float32Array(parameters)), new Float32Array(parameters).fill(1e-3)]
  return quickest(5, async () => {
    optimiser.beginStep()
    optimiser.step("w", weights, gradient, 1e-4)
  })
}

// Whoever wanted to know has heard it, or has gone.
process.on("disconnect", () => process.exit())

const side = 1024
const parameters = 1 << 20
const speed: MachineSpeed = {
  operationsPerSecond: (2 * side ** 3) / (await productSeconds(side, 10)),
  secondsPerSession: await productSeconds(16, 50),
  parametersPerSecond: parameters / (await optimiserSeconds(parameters)),
}
process.send?.({ speed, jobs: whatFits(Number(process.argv[3])) } satisfies MeasuredMachine, undefined, {}, () =>
  process.disconnect(),
)

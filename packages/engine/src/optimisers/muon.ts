/**
 * Muon: momentum whose every matrix is replaced by the nearest semi-orthogonal one, so that all directions of a layer learn
 * at one speed (Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks"), scaled so that learning
 * rate and weight decay mean what they do for AdamW (Liu et al. 2025, arXiv:2502.16982, §2.2).
 */
import { Graph } from "../graph/graph.ts"
import type { Provider } from "../lowering/lowering.ts"
import { compile, type Program } from "../runtime/program.ts"
import type { TensorData } from "../weights/dataType.ts"
import { badState, checkLengths, splitStateKey, stepTensor, storedStep } from "./optimiser.ts"

export interface MuonOptions {
  readonly provider: Provider
  readonly threads: number
  /** Share of the old momentum that is kept at each step, default 0.95. */
  readonly momentum?: number
  /** Decoupled weight decay per unit of learning rate, default 0.01. */
  readonly weightDecay?: number
}

/** Coefficients of the quintic Newton-Schulz iteration, and how often it is done (Jordan et al. 2024). */
const [a, b, c] = [3.4445, -4.775, 2.0315] as const
const iterations = 5
/** Root mean square of AdamW's usual update, which Muon's is scaled to. */
const updateSize = 0.2

/** For matrices only; what is no matrix, and first and last layers, are AdamW's. */
export class Muon {
  readonly bytesPerParameter = 4
  readonly #options: Required<MuonOptions>
  readonly #momenta = new Map<string, Float32Array>()
  readonly #programs = new Map<string, Promise<Program<"update">>>()
  #step = 0

  constructor(options: MuonOptions) {
    this.#options = { momentum: 0.95, weightDecay: 0.01, ...options }
  }

  get stepCount(): number {
    return this.#step
  }

  beginStep(): void {
    this.#step++
  }

  /**
   * @param shape the parameter's; axes after the first are the matrix's columns, as in a convolution's [out, in, kh, kw]
   * @param weights updated in place
   * @throws RangeError where lengths differ, or before the first beginStep()
   */
  async step(
    name: string,
    shape: readonly number[],
    weights: Float32Array,
    gradient: Float32Array,
    learningRate: number,
  ): Promise<void> {
    const momentum = this.#momenta.get(name) ?? new Float32Array(weights.length)
    checkLengths(name, weights, gradient, momentum.length, this.#step)
    this.#momenta.set(name, momentum)
    const rows = shape[0] ?? 1
    const columns = weights.length / rows
    const program = await this.#program(rows, columns)
    const { update: orthogonal } = await program.run({ matrix: this.#lookAhead(momentum, gradient) })
    const scale = learningRate * updateSize * Math.sqrt(Math.max(rows, columns))
    const decay = 1 - learningRate * this.#options.weightDecay
    for (let i = 0; i < weights.length; i++) weights[i] = decay * (weights[i] as number) - scale * Number(orthogonal[i])
  }

  /** Advances the momentum; returns Nesterov's, of Frobenius norm 1, from where the iteration converges. */
  #lookAhead(momentum: Float32Array, gradient: Float32Array): Float32Array {
    const keep = this.#options.momentum
    const ahead = new Float32Array(gradient.length)
    let squares = 0
    for (let i = 0; i < gradient.length; i++) {
      const slope = gradient[i] as number
      const moved = keep * (momentum[i] as number) + (1 - keep) * slope
      momentum[i] = moved
      const next = keep * moved + (1 - keep) * slope
      ahead[i] = next
      squares += next * next
    }
    const factor = 1 / (Math.sqrt(squares) + 1e-12)
    for (let i = 0; i < ahead.length; i++) ahead[i] = factor * (ahead[i] as number)
    return ahead
  }

  #program(rows: number, columns: number): Promise<Program<"update">> {
    const key = `${rows}x${columns}`
    const known = this.#programs.get(key) ?? orthogonalise(rows, columns, this.#options)
    this.#programs.set(key, known)
    return known
  }

  /** As an optimiser's: "step" and "<parameter>.momentum". */
  state(): Map<string, TensorData> {
    const state = new Map([["step", stepTensor(this.#step)]])
    for (const [name, data] of this.#momenta)
      state.set(`${name}.momentum`, { dataType: "F32", shape: [data.length], data })
    return state
  }

  /** @throws RangeError where the state is another optimiser's. */
  restore(state: ReadonlyMap<string, TensorData>): void {
    const step = storedStep(state)
    const momenta = new Map<string, Float32Array>()
    for (const [key, { data }] of state) {
      if (key === "step") continue
      const [name, part] = splitStateKey(key)
      if (part !== "momentum" || !(data instanceof Float32Array)) throw badState(key, "F32 momentum")
      momenta.set(name, data.slice())
    }
    this.#step = step
    this.#momenta.clear()
    for (const [name, momentum] of momenta) this.#momenta.set(name, momentum)
  }

  async release(): Promise<void> {
    for (const program of this.#programs.values()) await (await program).release()
    this.#programs.clear()
  }
}

/** X ← aX + (bA + cA²)X with A = XXᵀ, in which all singular values go to about 1. The smaller side comes first: A is small. */
function orthogonalise(rows: number, columns: number, { provider, threads }: MuonOptions): Promise<Program<"update">> {
  const graph = new Graph()
  const turned = rows > columns
  const turn = (x: ReturnType<Graph["input"]>) => graph.transpose(x, [1, 0])
  const matrix = graph.input("matrix", [rows, columns])
  let x = turned ? turn(matrix) : matrix
  for (let i = 0; i < iterations; i++) {
    const products = graph.linear(x, x)
    const polynomial = graph.add(
      graph.mul(products, graph.constant(b)),
      graph.mul(graph.linear(products, products), graph.constant(c)),
    )
    x = graph.add(graph.mul(x, graph.constant(a)), graph.linear(polynomial, turn(x)))
  }
  return compile({ update: turned ? turn(x) : x }, { provider, threads, weights: new Map(), keepsMemory: true })
}

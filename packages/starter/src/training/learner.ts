/** Weights that learn: AdamW, Muon and a moving average over programs that compute a loss and its gradients. */

import {
  AdamW,
  backward,
  compile,
  type Graph,
  Muon,
  type Program,
  type Tensor,
  type TensorData,
  type Values,
  type Weights,
} from "@fjord/engine"

export interface LearnerOptions {
  readonly threads: number
  readonly betas: readonly [number, number]
  readonly weightDecay: number
  /** Weights that the programs need and that do not learn, by name in the graph. */
  readonly frozen?: ReadonlyMap<string, Float32Array>
  /** Shapes of those that Muon moves, by name; all others are AdamW's. */
  readonly hiddenLayers?: ReadonlyMap<string, readonly number[]>
  /** Share of the old value that the moving average keeps at each step. */
  readonly averageDecay: number
}

/** What one graph computes in a step: a scalar loss to descend, and other values to report. */
export interface Objective {
  readonly graph: Graph
  readonly loss: Tensor
  readonly reported?: Readonly<Record<string, Tensor>>
}

export type StepProgram = Program<string>

export class Learner {
  /** By name in the graph; updated in place, so that every program sees them. */
  readonly parameters: ReadonlyMap<string, Float32Array>
  /** Exponential moving average of the weights: what is exported. */
  readonly average: ReadonlyMap<string, Float32Array>
  /** Steps done. */
  step = 0
  readonly #adamW: AdamW
  readonly #muon: Muon
  readonly #options: LearnerOptions

  constructor(parameters: ReadonlyMap<string, Float32Array>, options: LearnerOptions) {
    this.parameters = parameters
    this.average = new Map([...parameters].map(([name, values]) => [name, values.slice()]))
    const { betas, weightDecay, threads } = options
    this.#adamW = new AdamW({ betas, weightDecay })
    this.#muon = new Muon({ provider: "cpu", threads, weightDecay })
    this.#options = options
  }

  get frozen(): ReadonlyMap<string, Float32Array> {
    return this.#options.frozen ?? new Map()
  }

  get averageWeights(): Weights {
    return inMemory([...this.frozen, ...this.average])
  }

  /** Forward and backward pass as one program. */
  compile({ graph, loss, reported = {} }: Objective): Promise<StepProgram> {
    const parameters = graph.tensors.filter(
      ({ operator, attributes }) =>
        operator === "Parameter" && "name" in attributes && this.parameters.has(attributes.name),
    )
    const outputs: Record<string, Tensor> = { loss, ...reported }
    for (const [parameter, gradient] of backward(graph, new Map([[loss, graph.constant(1)]]), parameters))
      if (parameter.operator === "Parameter") outputs[parameter.attributes.name] = gradient
    return compile(outputs, {
      provider: "cpu",
      threads: this.#options.threads,
      weights: inMemory([...this.frozen, ...this.parameters]),
      keepsMemory: true,
    })
  }

  /**
   * One step down the program's loss; the gradient's global norm is clipped to 1.
   * @throws where the loss is not finite, before any weight has changed.
   */
  async descend(
    program: StepProgram,
    inputs: Readonly<Record<string, Values>>,
    learningRate: number,
  ): Promise<ReadonlyMap<string, number>> {
    const results = new Map(Object.entries(await program.run(inputs)))
    const loss = Number(results.get("loss")?.[0])
    if (!Number.isFinite(loss)) throw new Error(`The loss of step ${this.step + 1} is ${loss}: the training diverged.`)
    let squares = 0
    const gradients: [string, Float32Array, Float32Array][] = []
    for (const [name, weights] of this.parameters) {
      const gradient = results.get(name)
      if (!(gradient instanceof Float32Array)) continue
      for (const slope of gradient) squares += slope * slope
      gradients.push([name, weights, gradient])
    }
    const norm = Math.sqrt(squares)
    this.#adamW.beginStep()
    this.#muon.beginStep()
    // Neither sees a common factor of all gradients but for ε, yet one outlier would spoil their moments.
    const factor = Math.min(1, 1 / norm)
    const { averageDecay } = this.#options
    // The average of a young network would be its first noise.
    const keep = Math.min(averageDecay, (1 + this.step) / (10 + this.step))
    for (const [name, weights, gradient] of gradients) {
      if (factor < 1) for (let i = 0; i < gradient.length; i++) gradient[i] = factor * (gradient[i] as number)
      const shape = this.#options.hiddenLayers?.get(name)
      if (shape) await this.#muon.step(name, shape, weights, gradient, learningRate)
      else this.#adamW.step(name, weights, gradient, learningRate)
      const average = this.average.get(name) as Float32Array
      for (let i = 0; i < average.length; i++)
        average[i] = keep * (average[i] as number) + (1 - keep) * (weights[i] as number)
    }
    this.step++
    const reported = new Map([["gradNorm", norm]])
    for (const [name, values] of results) if (!this.parameters.has(name)) reported.set(name, Number(values[0]))
    return reported
  }

  /** All that a continued training needs, as tensors of a file. */
  state(): Map<string, TensorData> {
    const state = new Map<string, TensorData>()
    const add = (prefix: string, tensors: ReadonlyMap<string, Float32Array>) => {
      for (const [name, data] of tensors)
        state.set(`${prefix}/${name}`, { dataType: "F32", shape: [data.length], data })
    }
    add("weights", this.parameters)
    add("average", this.average)
    add("frozen", this.frozen)
    for (const [name, tensor] of this.#adamW.state()) state.set(`adamw/${name}`, tensor)
    for (const [name, tensor] of this.#muon.state()) state.set(`muon/${name}`, tensor)
    return state
  }

  /** @throws where the state is of another network. */
  restore(state: ReadonlyMap<string, TensorData>, step: number): void {
    const part = (prefix: string) =>
      new Map([...state].flatMap(([key, value]) => (key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : [])))
    for (const [prefix, tensors] of [
      ["weights/", this.parameters],
      ["average/", this.average],
      ["frozen/", this.frozen],
    ] as const) {
      const stored = part(prefix)
      for (const [name, values] of tensors) {
        const { data } = stored.get(name) ?? {}
        if (!(data instanceof Float32Array) || data.length !== values.length)
          throw new Error(`The checkpoint lacks ${name} of ${values.length} values: it belongs to another network.`)
        values.set(data)
      }
    }
    this.#adamW.restore(part("adamw/"))
    this.#muon.restore(part("muon/"))
    this.step = step
  }
}

function inMemory(parameters: readonly (readonly [string, Float32Array])[]): Weights {
  return new Map(parameters.map(([name, values]) => [name, { kind: "memory", values }]))
}

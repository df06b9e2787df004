/** A whole graph as one session: the fastest form for generation. */

import path from "node:path"
import type { Tensor } from "../graph/graph.ts"
import { type LoweredModel, lower, type Provider } from "../lowering/lowering.ts"
import { createSession, type Session, type Values } from "./session.ts"
import { type Weights, weightOf } from "./weights.ts"

export interface Program<Outputs extends string> {
  /** @param inputs by the name given to `graph.input`. Returns the outputs by the names given to `compile`. */
  run(inputs: Readonly<Record<string, Values>>): Promise<Record<Outputs, Values>>
  release(): Promise<void>
}

export interface CompileOptions {
  readonly provider: Provider
  readonly threads: number
  readonly weights: Weights
  /** Keep weights as they lie in the file, for little memory, instead of rearranging a copy for speed. */
  readonly weightsAsTheyLie?: boolean
  /** Keep the memory of a run for the next one: faster where one program runs again and again. */
  readonly keepsMemory?: boolean
}

/** Lowers and loads what computes `outputs`; the names of the record become the names of the results. */
export async function compile<Outputs extends string>(
  outputs: Readonly<Record<Outputs, Tensor>>,
  options: CompileOptions,
): Promise<Program<Outputs>> {
  const names = Object.keys(outputs) as Outputs[]
  const { model, session } = await load(Object.values<Tensor>(outputs), new Set(), options)
  // Two names for one tensor are one output.
  const nameOf = new Map(model.outputs.map(({ name, tensor }) => [tensor, name]))
  return {
    async run(inputs) {
      const feeds = new Map<string, Values>()
      for (const { name, tensor } of model.inputs) {
        const values =
          tensor.operator === "Input" ? inputs[tensor.attributes.name] : parameterValues(tensor, options.weights)
        if (values) feeds.set(name, values)
      }
      const results = await session.run(feeds)
      return Object.fromEntries(names.map((name) => [name, results.get(nameOf.get(outputs[name]) ?? "")])) as Record<
        Outputs,
        Values
      >
    },
    release: () => session.release(),
  }
}

/** Lowers a part of a graph and loads it, weights in files staying there. */
export async function load(
  outputs: readonly Tensor[],
  fed: ReadonlySet<Tensor>,
  options: CompileOptions,
): Promise<{ readonly model: LoweredModel; readonly session: Session }> {
  const folders = new Set<string>()
  const model = lower(outputs, {
    provider: options.provider,
    fed,
    external: (name) => {
      const weight = weightOf(options.weights, name)
      if (weight.kind === "memory") return undefined
      folders.add(path.dirname(weight.path))
      return { location: path.basename(weight.path), byteOffset: weight.byteOffset, byteLength: weight.byteLength }
    },
  })
  if (folders.size > 1)
    throw new Error(`weights of one model must lie in one folder, but these do not: ${[...folders].join(", ")}`)
  const [externalFolder] = folders
  const session = await createSession(model, {
    provider: options.provider,
    threads: options.threads,
    ...(externalFolder && { externalFolder }),
    ...(options.weightsAsTheyLie && { weightsAsTheyLie: true }),
    ...(options.keepsMemory && { keepsMemory: true }),
  })
  return { model, session }
}

/** Values of a parameter that is fed; undefined for anything else. */
export function parameterValues(tensor: Tensor, weights: Weights): Values | undefined {
  if (tensor.operator !== "Parameter") return undefined
  const weight = weightOf(weights, tensor.attributes.name)
  return weight.kind === "memory" ? weight.values : undefined
}

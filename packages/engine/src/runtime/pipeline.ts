/**
 * Training as a pipeline of blocks: one session forward and one backward per block of the graph, values between them held here.
 *
 * The graph is differentiated once, as a whole, and cut afterwards. A backward session needs values of its own block's
 * forward pass: in mode `recompute` it computes them again from the block's inputs (Chen et al. 2016, arXiv:1604.06174);
 * in mode `save` the forward session hands over those that are dear to compute and the rest is recomputed.
 */

import type { Graph, Tensor } from "../graph/graph.ts"
import { giveBack } from "./giveBack.ts"
import { type CompileOptions, load, parameterValues } from "./program.ts"
import type { Values } from "./session.ts"
import { type MemoryMode, planStages, type Stage, seedName } from "./stages.ts"
import { readIntoMemory } from "./weights.ts"

export { type MemoryMode, planStages } from "./stages.ts"

export interface Pipeline {
  /** Runs every block forward. Values that the backward pass needs are kept until it has run. */
  forward(inputs: Readonly<Record<string, Values>>): Promise<Values>
  /**
   * Runs every block backward, once after each whole `forward`.
   * @param outputGradient ∂L/∂output, in the output's shape.
   * @param receive gets the gradient of each trainable parameter as soon as it is complete; the array is the receiver's.
   * @throws where no forward pass has run since the last backward pass.
   */
  backward(outputGradient: Float32Array, receive: (parameter: string, gradient: Float32Array) => void): Promise<void>
  release(): Promise<void>
}

export interface PipelineOptions extends CompileOptions {
  readonly mode: MemoryMode
  /** Names of the parameters whose gradients are wanted. */
  readonly trainable: ReadonlySet<string>
  /** Called between blocks: throws to stop. */
  readonly betweenBlocks?: () => Promise<void> | void
}

/** Cuts `graph` at its blocks and loads the sessions of both directions. */
export async function createPipeline(graph: Graph, output: Tensor, given: PipelineOptions): Promise<Pipeline> {
  const { forward, backward: back, gradientOf } = planStages(graph, output, given)
  // Both directions read a weight: as one array in memory it is held once, mapped by each session it would count twice.
  const leaves = [...forward, ...back].flatMap(({ computed }) => computed).flatMap(({ inputs }) => inputs)
  const options = { ...given, weights: await readIntoMemory(new Set(leaves), given.weights) }
  const forwardStages = await loadStages(forward, options)
  const backwardStages = await loadStages(back, options)
  const parameterOf = new Map([...gradientOf].map(([parameter, gradient]) => [gradient, parameter]))
  const handedOut = new Set([output, ...gradientOf.values()])
  const lastUse = new Map<Tensor, number>()
  for (const [i, { model }] of backwardStages.entries()) for (const { tensor } of model.inputs) lastUse.set(tensor, i)
  let kept = new Map<Tensor, Values>()
  let fresh = false
  let fedInputs: Readonly<Record<string, Values>> = {}

  return {
    async forward(inputs) {
      fresh = false
      kept = new Map()
      fedInputs = inputs
      const lastForwardUse = new Map<Tensor, number>()
      for (const [i, { model }] of forwardStages.entries())
        for (const { tensor } of model.inputs) lastForwardUse.set(tensor, i)
      for (const [i, stage] of forwardStages.entries()) {
        await options.betweenBlocks?.()
        await runStage(stage, inputs)
        for (const { tensor } of stage.model.inputs)
          if (lastForwardUse.get(tensor) === i && !lastUse.has(tensor)) drop(tensor)
      }
      const result = kept.get(output)
      if (!result) throw new Error("the pipeline's output was not computed by any block")
      fresh = true
      return result
    },
    async backward(outputGradient, receive) {
      if (!fresh)
        throw new Error(
          "A backward pass needs a whole forward pass before it; each forward pass serves one backward pass.",
        )
      fresh = false
      const inputs = { ...fedInputs, [seedName]: outputGradient }
      for (const [i, stage] of backwardStages.entries()) {
        await options.betweenBlocks?.()
        await runStage(stage, inputs)
        for (const { tensor } of stage.model.outputs) {
          const parameter = parameterOf.get(tensor)
          if (parameter !== undefined) receive(parameter, kept.get(tensor) as Float32Array)
          if (!lastUse.has(tensor)) drop(tensor)
        }
        for (const { tensor } of stage.model.inputs) if (lastUse.get(tensor) === i) drop(tensor)
      }
      kept = new Map()
    },
    async release() {
      for (const { session } of [...forwardStages, ...backwardStages]) await session.release()
    },
  }

  function drop(tensor: Tensor) {
    const values = kept.get(tensor)
    kept.delete(tensor)
    if (values && !handedOut.has(tensor)) giveBack(values)
  }

  async function runStage({ model, session }: LoadedStage, inputs: Readonly<Record<string, Values>>) {
    const feeds = new Map<string, Values>()
    for (const { name, tensor } of model.inputs) {
      const values =
        tensor.operator === "Input"
          ? inputs[tensor.attributes.name]
          : (parameterValues(tensor, options.weights) ?? kept.get(tensor))
      if (values) feeds.set(name, values)
    }
    const results = await session.run(feeds)
    for (const { name, tensor } of model.outputs) kept.set(tensor, results.get(name) as Values)
  }
}

type LoadedStage = Awaited<ReturnType<typeof load>>

async function loadStages(stages: readonly Stage[], options: PipelineOptions): Promise<LoadedStage[]> {
  const loaded: LoadedStage[] = []
  for (const { outputs, fed } of stages) {
    await options.betweenBlocks?.()
    loaded.push(await load(outputs, fed, { ...options, weightsAsTheyLie: true }))
  }
  return loaded
}

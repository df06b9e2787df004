/**
 * Training as a pipeline of blocks: one session forward and one backward per block of the graph, values between them held here.
 *
 * The graph is differentiated once, as a whole, and cut afterwards. A backward session needs values of its own block's
 * forward pass: in mode `recompute` it computes them again from the block's inputs (Chen et al. 2016, arXiv:1604.06174);
 * in mode `save` the forward session hands over those that are dear to compute and the rest is recomputed.
 */

import { backward } from "../autodiff/backward.ts"
import type { Graph, Tensor } from "../graph/graph.ts"
import type { Operator } from "../graph/operators.ts"
import { reachable } from "../lowering/lowering.ts"
import { type CompileOptions, load, parameterValues } from "./program.ts"
import { cutIntoSegments, isLeaf } from "./segments.ts"
import type { Values } from "./session.ts"

export type MemoryMode = "recompute" | "save"

export interface Pipeline {
  /** Runs every block forward. Values that the backward pass needs are kept until it has run. */
  forward(inputs: Readonly<Record<string, Values>>): Promise<Values>
  /**
   * Runs every block backward.
   * @param outputGradient ∂L/∂output, in the output's shape.
   * @param receive gets the gradient of each trainable parameter as soon as it is complete; the array is the receiver's.
   */
  backward(outputGradient: Float32Array, receive: (parameter: string, gradient: Float32Array) => void): Promise<void>
  release(): Promise<void>
}

export interface PipelineOptions extends CompileOptions {
  readonly mode: MemoryMode
  /** Names of the parameters whose gradients are wanted. */
  readonly trainable: ReadonlySet<string>
  /** Called between blocks: throws to stop. */
  readonly checkpoint?: () => Promise<void> | void
}

interface Stage {
  readonly name: string
  readonly outputs: readonly Tensor[]
  readonly fed: ReadonlySet<Tensor>
}

const seedName = "∂output"

/** Operators whose outputs are cheaper to keep than to compute again. */
const dear: ReadonlySet<Operator> = new Set(["Linear", "Conv2d", "Attention"])

/** Cuts `graph` at its blocks and loads the sessions of both directions. */
export async function createPipeline(graph: Graph, output: Tensor, options: PipelineOptions): Promise<Pipeline> {
  const { forward, backward: back, gradientOf } = planStages(graph, output, options)
  const forwardStages = await loadStages(forward, options)
  const backwardStages = await loadStages(back, options)
  const parameterOf = new Map([...gradientOf].map(([parameter, gradient]) => [gradient, parameter]))
  const lastUse = new Map<Tensor, number>()
  for (const [i, { model }] of backwardStages.entries()) for (const { tensor } of model.inputs) lastUse.set(tensor, i)
  let kept = new Map<Tensor, Values>()
  let fedInputs: Readonly<Record<string, Values>> = {}

  return {
    async forward(inputs) {
      kept = new Map()
      fedInputs = inputs
      const lastForwardUse = new Map<Tensor, number>()
      for (const [i, { model }] of forwardStages.entries()) for (const { tensor } of model.inputs) lastForwardUse.set(tensor, i)
      for (const [i, stage] of forwardStages.entries()) {
        await options.checkpoint?.()
        await runStage(stage, inputs)
        for (const { tensor } of stage.model.inputs)
          if (lastForwardUse.get(tensor) === i && !lastUse.has(tensor)) kept.delete(tensor)
      }
      const result = kept.get(output)
      if (!result) throw new Error("the pipeline's output was not computed by any block")
      return result
    },
    async backward(outputGradient, receive) {
      const inputs = { ...fedInputs, [seedName]: outputGradient }
      for (const [i, stage] of backwardStages.entries()) {
        await options.checkpoint?.()
        await runStage(stage, inputs)
        for (const { tensor } of stage.model.outputs) {
          for (const [gradient, parameter] of parameterOf)
            if (gradient === tensor) receive(parameter, kept.get(tensor) as Float32Array)
          if (!lastUse.has(tensor)) kept.delete(tensor)
        }
        for (const { tensor } of stage.model.inputs) if (lastUse.get(tensor) === i) kept.delete(tensor)
      }
      kept = new Map()
    },
    async release() {
      for (const { session } of [...forwardStages, ...backwardStages]) await session.release()
    },
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

/** What each session computes and is fed; no session is made. */
export function planStages(graph: Graph, output: Tensor, { mode, trainable }: Pick<PipelineOptions, "mode" | "trainable">) {
  const segments = cutIntoSegments(reachable([output]))
  const segmentOf = new Map(segments.flatMap((segment, i) => segment.tensors.map((tensor) => [tensor, i] as const)))
  const parameters = graph.tensors.filter((t) => t.operator === "Parameter" && trainable.has(t.attributes.name))
  const seed = graph.input(seedName, output.shape)
  const found = backward(graph, new Map([[output, seed]]), parameters, (node) => `∇${segmentOf.get(node)}`)
  const gradientOf = new Map(
    [...found].map(([tensor, gradient]) => [tensor.operator === "Parameter" ? tensor.attributes.name : "", gradient]),
  )
  const needed = reachable([output, ...gradientOf.values()])
  const gradientNodes = needed.filter((tensor) => tensor.id > seed.id)
  const backSegments = cutIntoSegments(gradientNodes)
  const backIndexOf = new Map(backSegments.flatMap((s, i) => s.tensors.map((tensor) => [tensor, i] as const)))

  // A backward segment takes from the forward pass whatever it does not recompute.
  const back = backSegments.map(({ name, tensors }, i): Stage => {
    const own = new Set(tensors)
    const home = Number(name.slice(1))
    const fed = new Set<Tensor>()
    const open = tensors.flatMap((tensor) => tensor.inputs)
    for (let tensor = open.pop(); tensor; tensor = open.pop()) {
      if (own.has(tensor) || isLeaf(tensor) || fed.has(tensor)) continue
      const recomputed = segmentOf.get(tensor) === home && !(mode === "save" && dear.has(tensor.operator))
      if (recomputed) open.push(...tensor.inputs)
      else fed.add(tensor)
    }
    const wanted = [...gradientOf.values()]
    const outputs = tensors.filter(
      (tensor) => wanted.includes(tensor) || gradientNodes.some((x) => backIndexOf.get(x) !== i && x.inputs.includes(tensor)),
    )
    return { name, outputs, fed }
  })
  const handedOver = new Set(back.flatMap(({ fed }) => [...fed]))
  const forwardNodes = needed.filter((tensor) => segmentOf.has(tensor))
  const usedElsewhere = new Set(
    forwardNodes.flatMap((x) => x.inputs.filter((t) => segmentOf.has(t) && segmentOf.get(t) !== segmentOf.get(x))),
  )
  const forward = segments.map(({ name, tensors }): Stage => {
    const own = new Set(tensors)
    const outputs = tensors.filter((t) => t === output || usedElsewhere.has(t) || handedOver.has(t))
    const fed = new Set(tensors.flatMap(({ inputs }) => inputs).filter((t) => !own.has(t) && !isLeaf(t)))
    return { name, outputs, fed }
  })
  return { forward, backward: back.filter(({ outputs }) => outputs.length > 0), gradientOf }
}

type LoadedStage = Awaited<ReturnType<typeof load>>

async function loadStages(stages: readonly Stage[], options: PipelineOptions): Promise<LoadedStage[]> {
  const loaded: LoadedStage[] = []
  for (const { outputs, fed } of stages) {
    await options.checkpoint?.()
    loaded.push(await load(outputs, fed, { ...options, weightsAsTheyLie: true }))
  }
  return loaded
}


/** Planning a pipeline: which session computes what, forward and backward, and what it is fed. */

import { backward } from "../autodiff/backward.ts"
import type { Graph, Tensor } from "../graph/graph.ts"
import type { Operator } from "../graph/operators.ts"
import { size } from "../graph/shapes.ts"
import { reachable } from "../lowering/lowering.ts"
import { cutIntoSegments, isLeaf } from "./segments.ts"

export type MemoryMode = "recompute" | "save"

/** The work of one session. */
export interface Stage {
  readonly name: string
  /** Handed to other stages or to the caller. */
  readonly outputs: readonly Tensor[]
  /** Taken from other stages. */
  readonly fed: ReadonlySet<Tensor>
  /** All that the session computes, outputs included, in the order of the graph. */
  readonly computed: readonly Tensor[]
}

/** Name of the input for ∂L/∂output. */
export const seedName = "∂output"

/** Operators whose outputs are cheaper to keep than to compute again. */
const dear: ReadonlySet<Operator> = new Set(["Linear", "Conv2d", "Attention"])

/**
 * What each session computes and is fed; no session is made. Appends the gradient's nodes to the graph.
 * @returns the stages in the order in which they run, and the gradient of each trainable parameter.
 * @throws where `trainable` names a parameter that the graph does not have.
 */
export function planStages(
  graph: Graph,
  output: Tensor,
  { mode, trainable }: { readonly mode: MemoryMode; readonly trainable: ReadonlySet<string> },
) {
  const segments = cutIntoSegments(reachable([output]))
  const segmentOf = new Map(segments.flatMap((segment, i) => segment.tensors.map((tensor) => [tensor, i] as const)))
  const parameters = graph.tensors.filter((t) => t.operator === "Parameter" && trainable.has(t.attributes.name))
  refuseUnknown(trainable, graph)
  const seed = graph.input(seedName, output.shape)
  const found = backward(graph, new Map([[output, seed]]), parameters, (node) => `∇${segmentOf.get(node)}`)
  const gradientOf = new Map(
    [...found].map(([tensor, gradient]) => [tensor.operator === "Parameter" ? tensor.attributes.name : "", gradient]),
  )
  const needed = reachable([output, ...gradientOf.values()])
  const gradientNodes = needed.filter((tensor) => tensor.id > seed.id)
  const backSegments = cutIntoSegments(gradientNodes)
  const backIndexOf = new Map(backSegments.flatMap((s, i) => s.tensors.map((tensor) => [tensor, i] as const)))
  const wanted = new Set(gradientOf.values())
  const crossing = new Set<Tensor>()
  for (const x of gradientNodes)
    for (const input of x.inputs) if (backIndexOf.get(input) !== backIndexOf.get(x)) crossing.add(input)

  // A backward segment takes from the forward pass whatever it does not recompute.
  const back = backSegments.map(({ name, tensors }): Stage => {
    const own = new Set(tensors)
    const home = Number(name.slice(1))
    const fed = new Set<Tensor>()
    const recomputed = new Set<Tensor>()
    const open = tensors.flatMap((tensor) => tensor.inputs)
    for (let tensor = open.pop(); tensor; tensor = open.pop()) {
      if (own.has(tensor) || isLeaf(tensor) || fed.has(tensor) || recomputed.has(tensor)) continue
      if (segmentOf.get(tensor) === home && !(mode === "save" && dear.has(tensor.operator))) {
        recomputed.add(tensor)
        open.push(...tensor.inputs)
      } else fed.add(tensor)
    }
    const outputs = tensors.filter((tensor) => wanted.has(tensor) || crossing.has(tensor))
    const inHome = (tensor: Tensor) => segmentOf.get(tensor) === home
    return stage(name, outputs, mode === "save" ? lessToKeep(outputs, fed, inHome) : fed)
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
    return stage(name, outputs, fed)
  })
  return { forward, backward: back.filter(({ outputs }) => outputs.length > 0), gradientOf }
}

function refuseUnknown(trainable: ReadonlySet<string>, graph: Graph): void {
  const known = new Set(graph.tensors.flatMap((t) => (t.operator === "Parameter" ? [t.attributes.name] : [])))
  const unknown = [...trainable].filter((name) => !known.has(name))
  if (unknown.length === 0) return
  const shown = unknown.slice(0, 5).join(", ") + (unknown.length > 5 ? ` and ${unknown.length - 5} more` : "")
  throw new Error(`The graph has no parameters ${shown}, which are to be trained; it has ${known.size} others.`)
}

/**
 * Keeps the result of a cheap operator instead of what only it reads, wherever that is no larger: the sum of a layer and its
 * low-rank adapter instead of both, a residual stream instead of what was added to it.
 * @param kept what the block was to keep; @param own whether a value is the block's.
 */
function lessToKeep(
  outputs: readonly Tensor[],
  kept: ReadonlySet<Tensor>,
  own: (tensor: Tensor) => boolean,
): Set<Tensor> {
  const fed = new Set(kept)
  for (;;) {
    const { computed } = stage("", outputs, fed)
    const uses = new Map<Tensor, number>()
    for (const { inputs } of computed) for (const x of new Set(inputs)) uses.set(x, (uses.get(x) ?? 0) + 1)
    const bytes = (tensors: readonly Tensor[]) => tensors.reduce((sum, { shape }) => sum + size(shape), 0)
    const better = computed.find((tensor) => {
      const freed = tensor.inputs.filter((x) => own(x) && fed.has(x) && uses.get(x) === 1)
      return own(tensor) && freed.length > 0 && bytes([tensor]) <= bytes(freed)
    })
    if (!better) return new Set([...fed].filter((tensor) => uses.has(tensor)))
    fed.add(better)
  }
}

function stage(name: string, outputs: readonly Tensor[], fed: ReadonlySet<Tensor>): Stage {
  return {
    name,
    outputs,
    fed,
    computed: reachable(outputs, fed).filter((tensor) => !fed.has(tensor) && !isLeaf(tensor)),
  }
}

/** Cutting a graph into the contiguous runs of its blocks. */

import type { Tensor } from "../graph/graph.ts"

export interface Segment {
  readonly name: string
  readonly tensors: readonly Tensor[]
}

/** Leaves belong to no segment: they are fed wherever they are used. */
export const isLeaf = ({ operator }: Tensor): boolean =>
  operator === "Input" || operator === "Parameter" || operator === "Constant"

/**
 * Runs of neighbouring tensors of one block, in the order of the graph. What lies between two blocks and belongs to
 * none (a skip connection's Concat) joins the block that follows, or the last one at the end.
 */
export function cutIntoSegments(tensors: readonly Tensor[]): Segment[] {
  const segments: { name: string; tensors: Tensor[] }[] = []
  let loose: Tensor[] = []
  for (const tensor of tensors) {
    if (isLeaf(tensor)) continue
    const last = segments.at(-1)
    if (tensor.block === "") loose.push(tensor)
    else if (last?.name === tensor.block) {
      last.tensors.push(...loose, tensor)
      loose = []
    } else {
      segments.push({ name: tensor.block, tensors: [...loose, tensor] })
      loose = []
    }
  }
  const last = segments.at(-1)
  if (last) last.tensors.push(...loose)
  else if (loose.length > 0) segments.push({ name: "", tensors: loose })
  return segments
}

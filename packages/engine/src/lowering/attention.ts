/** Scaled dot-product attention (Vaswani et al. 2017, eq. 1) and its backward pass (Dao et al. 2022, appendix B) on the CPU provider. */

import type { TensorOf } from "../graph/graph.ts"
import type { AttentionAttributes } from "../graph/operators.ts"
import type { OnnxModel, OnnxValue } from "../onnx/onnxModel.ts"
import type { LoweringContext } from "./lowering.ts"

/** Probabilities of all heads at once while they stay below this many elements (8 MB); beyond, by head and chunk of queries. */
const probabilitiesAtOnce = 2_097_152

type Wanted = "query" | "key" | "value"

/** MultiHeadAttention is tiled (flash) on the CPU: no [n, m] matrix in memory. */
export function lowerAttention(
  { onnx, inputs }: LoweringContext,
  { attributes: { heads, scale, causal } }: TensorOf<"Attention">,
): OnnxValue {
  return onnx.node("com.microsoft.MultiHeadAttention", inputs, {
    num_heads: heads,
    scale: { float: scale },
    unidirectional: causal ? 1 : 0,
  })
}

/**
 * P = softmax(scale q kᵀ); dv = Pᵀ dy; dS = P (dy vᵀ - rowsum(dy y)); dq = scale dS k; dk = scale dSᵀ q.
 * The three gradients share P and dS: OnnxModel merges equal nodes. Each is computed transposed, [b, heads, d, tokens],
 * because the product then never transposes its large factor: a quarter less time.
 */
export function lowerAttentionGradient(
  { onnx, inputs: [dy = "", q = "", k = "", v = "", y = ""], inputShapes, shape }: LoweringContext,
  { heads, scale, causal }: AttentionAttributes,
  wanted: Wanted,
): OnnxValue {
  const [batch = 0, queries = 0, channels = 0] = inputShapes[1] ?? []
  const keys = inputShapes[2]?.[1] ?? 0
  const width = channels / heads
  const together = batch * heads * queries * keys <= probabilitiesAtOnce
  const groups = together ? [undefined] : Array.from({ length: heads }, (_, head) => head)
  // A chunk's matrices stay in the processor's cache from one operator to the next.
  const rows = together ? queries : Math.max(64, Math.floor(probabilitiesAtOnce / (batch * keys)))
  const starts = Array.from({ length: Math.ceil(queries / rows) }, (_, i) => i * rows)
  const mask = causal ? causalMask(onnx, queries, keys) : undefined
  const gradientOf = (head: number | undefined, which: Wanted) => {
    const at = (x: OnnxValue, tokens: number) => splitHeads(onnx, x, [batch, tokens, heads, width], head)
    const [kh, vh] = [at(k, keys), at(v, keys)]
    const chunks = starts.map((start) => {
      const some = (x: OnnxValue, axis: number) =>
        starts.length === 1
          ? x
          : onnx.node("Slice", [x, onnx.ints([start]), onnx.ints([start + rows]), onnx.ints([axis])])
      const [dyh, qh, yh] = [some(at(dy, queries), 2), some(at(q, queries), 2), some(at(y, queries), 2)]
      const scores = onnx.node("com.microsoft.FusedMatMul", [qh, kh], { transB: 1, alpha: { float: scale } })
      const masked = mask ? onnx.node("Add", [scores, some(mask, 0)]) : scores
      const p = onnx.node("Softmax", [masked], { axis: -1 })
      const transposed = (small: OnnxValue, large: OnnxValue, attributes: Record<string, number | { float: number }>) =>
        onnx.node("com.microsoft.FusedMatMul", [small, large], { transA: 1, ...attributes })
      if (which === "value") return transposed(dyh, p, {})
      const dp = onnx.node("com.microsoft.FusedMatMul", [dyh, vh], { transB: 1 })
      const sum = onnx.node("ReduceSum", [onnx.node("Mul", [dyh, yh]), onnx.ints([-1])], { keepdims: 1 })
      const ds = onnx.node("Mul", [p, onnx.node("Sub", [dp, sum])])
      const alpha = { float: scale }
      return which === "query" ? transposed(kh, ds, { transB: 1, alpha }) : transposed(qh, ds, { alpha })
    })
    if (chunks.length === 1) return chunks[0] as OnnxValue
    if (which === "query") return onnx.node("Concat", chunks, { axis: 3 })
    // One addition after the other, so that few of the chunks' shares exist at once.
    return chunks.reduce((total, chunk) => onnx.node("Add", [total, chunk]))
  }
  const parts = groups.map((head) => {
    if (together) return gradientOf(head, wanted)
    // Joined, or else ONNX Runtime computes the first gradient of all heads and keeps their probabilities for the others.
    const all = (["query", "key", "value"] as const).map((which) => gradientOf(head, which))
    const [start, end] = (
      { query: [0, queries], key: [queries, queries + keys], value: [queries + keys, queries + 2 * keys] } as const
    )[wanted]
    return onnx.node("Slice", [
      onnx.node("Concat", all, { axis: 3 }),
      onnx.ints([start]),
      onnx.ints([end]),
      onnx.ints([3]),
    ])
  })
  const whole = parts.length > 1 ? onnx.node("Concat", parts, { axis: 1 }) : (parts[0] as OnnxValue)
  return onnx.node("Reshape", [onnx.node("Transpose", [whole], { perm: [0, 3, 1, 2] }), onnx.ints(shape)])
}

/** [b, n, heads·d] → [b, heads, n, d], or one head of it as [b, 1, n, d]. */
function splitHeads(
  onnx: OnnxModel,
  x: OnnxValue,
  shape: readonly [number, number, number, number],
  head: number | undefined,
): OnnxValue {
  const split = onnx.node("Transpose", [onnx.node("Reshape", [x, onnx.ints(shape)])], { perm: [0, 2, 1, 3] })
  if (head === undefined) return split
  return onnx.node("Slice", [split, onnx.ints([head]), onnx.ints([head + 1]), onnx.ints([1])])
}

/** 0 where a query may look, a large negative number where the key comes after it. */
function causalMask(onnx: OnnxModel, queries: number, keys: number): OnnxValue {
  const mask = new Float32Array(queries * keys)
  for (let i = 0; i < queries; i++) mask.fill(-1e30, i * keys + i + 1, (i + 1) * keys)
  return onnx.floats(mask, [queries, keys])
}

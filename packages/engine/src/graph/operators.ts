/** The catalogue of operators: every node of a graph is one of these. Composite operators (Linear, Attention, …) stay whole until lowering. */

/** One output per operator; shapes are static. Layout of images is NCHW, of tokens [batch, tokens, channels]. */
export interface OperatorAttributes {
  // --- leaves
  Input: { name: string } // fed at run time
  Parameter: { name: string } // a weight; name is the safetensors key
  Constant: { value: number } // a scalar float32, shape []
  // --- elementwise, with NumPy broadcasting where there are two inputs
  Add: None
  Sub: None
  Mul: None
  Div: None
  Exp: None
  Sin: None
  Cos: None
  Clip: { min: number; max: number }
  SiLU: None // x * sigmoid(x)
  GELU: None // exact, with erf
  QuickGELU: None // x * sigmoid(1.702 x)
  Cast: { to: DataType }
  // --- movement
  Reshape: { shape: readonly number[] }
  Transpose: { permutation: readonly number[] }
  Concat: { axis: number }
  Slice: { axis: number; start: number; end: number }
  Expand: { shape: readonly number[] }
  UpsampleNearest2x: None // [b, c, h, w] -> [b, c, 2h, 2w]
  UpsampleNearest: { height: number; width: number } // [b, c, h, w] -> [b, c, height, width]
  Gather: None // (table [rows, channels], ids int64 [...]) -> [..., channels]
  // --- reductions
  ReduceSum: { axes: readonly number[]; keepDims: boolean }
  ReduceMean: { axes: readonly number[]; keepDims: boolean }
  // --- composites
  Linear: None // (x [..., in], weight [out, in], bias? [out]) -> [..., out]
  Conv2d: Conv2dAttributes // (x, weight [out, in, kh, kw], bias? [out])
  GroupNorm: { groups: number; epsilon: number } // (x [b, c, ...], scale [c], bias [c])
  LayerNorm: { epsilon: number } // (x [..., c], scale [c], bias [c])
  Attention: AttentionAttributes // (q [b, n, c], k [b, m, c], v [b, m, c]) -> [b, n, c]
  // --- gradients of composites: never differentiated again
  SiLUGradient: None // (dy, x)
  GELUGradient: None // (dy, x)
  QuickGELUGradient: None // (dy, x)
  ClipGradient: { min: number; max: number } // (dy, x)
  UpsampleNearest2xGradient: None // (dy) -> [b, c, h/2, w/2]
  UpsampleNearestGradient: { height: number; width: number } // (dy) -> [b, c, height, width]
  GatherGradient: { rows: number } // (dy, ids) -> [rows, channels]
  LinearInputGradient: None // (dy, weight)
  LinearWeightGradient: None // (dy, x)
  Conv2dInputGradient: Conv2dAttributes & { inputShape: readonly number[] } // (dy, weight)
  Conv2dWeightGradient: Conv2dAttributes & { weightShape: readonly number[] } // (dy, x)
  GroupNormInputGradient: { groups: number; epsilon: number } // (dy, x, scale)
  GroupNormScaleGradient: { groups: number; epsilon: number } // (dy, x)
  LayerNormInputGradient: { epsilon: number } // (dy, x, scale)
  LayerNormScaleGradient: { epsilon: number } // (dy, x)
  AttentionQueryGradient: AttentionAttributes // (dy, q, k, v, y)
  AttentionKeyGradient: AttentionAttributes // (dy, q, k, v, y)
  AttentionValueGradient: AttentionAttributes // (dy, q, k, v, y)
}

type None = Readonly<Record<never, never>>

export interface Conv2dAttributes {
  readonly stride: number
  /** Zero padding per side; AutoencoderKL's downsampler pads bottom and right only. */
  readonly padding: { readonly top: number; readonly left: number; readonly bottom: number; readonly right: number }
}

export interface AttentionAttributes {
  readonly heads: number
  /** Multiplies q·kᵀ, usually 1/√(channels per head). */
  readonly scale: number
  /** Token i attends to tokens ≤ i only (CLIP's text encoder). */
  readonly causal: boolean
}

export type Operator = keyof OperatorAttributes

export type DataType = "float32" | "float16" | "bfloat16" | "int64"

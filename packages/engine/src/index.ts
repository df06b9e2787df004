/** Graphs, their gradients and running them. Has never heard of images. */

export { backward } from "./autodiff/backward.ts"
export { Graph, type Shape, type Tensor } from "./graph/graph.ts"
export type { AttentionAttributes, Conv2dAttributes, DataType, Operator } from "./graph/operators.ts"
export { size } from "./graph/shapes.ts"
export type { Provider } from "./lowering/lowering.ts"
export { createPipeline, type MemoryMode, type Pipeline, planStages } from "./runtime/pipeline.ts"
export { compile, type CompileOptions, type Program } from "./runtime/program.ts"
export { defaultThreads, listProviders, type Values } from "./runtime/session.ts"
export type { Weight, Weights } from "./runtime/weights.ts"

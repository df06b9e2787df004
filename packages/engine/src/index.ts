/** Graphs, their gradients and running them; weights files and optimisers. Has never heard of images. */

export { backward } from "./autodiff/backward.ts"
export { Graph, type Shape, type Tensor } from "./graph/graph.ts"
export { operationsOf } from "./graph/operations.ts"
export type { AttentionAttributes, Conv2dAttributes, DataType, Operator } from "./graph/operators.ts"
export { printGraph } from "./graph/printGraph.ts"
export { size } from "./graph/shapes.ts"
export type { Provider } from "./lowering/lowering.ts"
export { type PickedRow, writeOnnx } from "./onnx/writeOnnx.ts"
export { AdamW } from "./optimisers/adamW.ts"
export { AdamW8bit } from "./optimisers/adamW8bit.ts"
export { clipByGlobalNorm, clipCoefficient, scaleInPlace, sumOfSquares } from "./optimisers/clipByGlobalNorm.ts"
export { type LearningRateSchedule, learningRateAt } from "./optimisers/learningRate.ts"
export { Muon } from "./optimisers/muon.ts"
export type { AdamWOptions, Optimiser } from "./optimisers/optimiser.ts"
export { shared } from "./optimisers/threads.ts"
export { giveBack } from "./runtime/giveBack.ts"
export { createPipeline, type MemoryMode, type Pipeline, type PipelineOptions, planStages } from "./runtime/pipeline.ts"
export { type CompileOptions, compile, type Program } from "./runtime/program.ts"
export { defaultThreads, listProviders, type OnnxFile, openOnnxFile, type Values } from "./runtime/session.ts"
export type { Weight, Weights } from "./runtime/weights.ts"
export { type DataType as StoredType, dataTypeOf, type TensorData, type TypedArray } from "./weights/dataType.ts"
export { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from "./weights/floats.ts"
export {
  openSafetensors,
  readFloat32,
  readPieces,
  readTensor,
  readTensors,
  SafetensorsError,
  type SafetensorsFile,
  type TensorEntry,
} from "./weights/safetensors.ts"
export {
  type NamedTensor,
  type StreamedTensor,
  streamSafetensors,
  writeSafetensors,
} from "./weights/writeSafetensors.ts"

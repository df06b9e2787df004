/** The border to ONNX Runtime: the only file that imports onnxruntime-node. */

import os from "node:os"
import * as ort from "onnxruntime-node"
import type { Shape } from "../graph/graph.ts"
import type { LoweredModel, Provider } from "../lowering/lowering.ts"

/** Values that cross the border: float32, int64, int32 (exported models only), and float16 as its raw bits. */
export type Values = Float32Array | BigInt64Array | Int32Array | Uint16Array

export interface SessionOptions {
  readonly provider: Provider
  /** Threads of one operator; results are bit-identical for equal thread counts only. */
  readonly threads: number
  /** Folder of the files into which external data points. */
  readonly externalFolder?: string
  /** Keep weights as they lie instead of a rearranged copy: less memory, slower. */
  readonly weightsAsTheyLie?: boolean
  /** Keep the memory of a run for the next one: faster for one session that runs again and again. */
  readonly keepsMemory?: boolean
}

export interface Session {
  /** @param feeds values by ONNX input name, of the declared shapes. */
  run(feeds: ReadonlyMap<string, Values>): Promise<Map<string, Values>>
  release(): Promise<void>
}

/** One thread per core, counted once. */
export const defaultThreads = (): number => Math.max(1, os.availableParallelism())

/** @throws where ONNX Runtime refuses the model; the message names what it refused. */
export async function createSession(model: LoweredModel, options: SessionOptions): Promise<Session> {
  const session = await ort.InferenceSession.create(model.bytes, {
    executionProviders: [options.provider],
    intraOpNumThreads: options.threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: "all",
    // In a pipeline an arena per session would keep each block's peak for itself.
    enableCpuMemArena: options.keepsMemory ?? false,
    enableMemPattern: options.keepsMemory ?? false,
    logSeverityLevel: 3,
    extra: {
      session: {
        // A thread that spins for its next operator takes the core from the one it waits for, wherever anything else runs:
        // small models were twenty times slower beside one busy process.
        intra_op: { allow_spinning: "0" },
        ...(options.externalFolder && { model_external_initializers_file_folder_path: options.externalFolder }),
        ...(options.weightsAsTheyLie && { disable_prepacking: "1" }),
      },
      // Folding would copy weights that a Cast or a flip touches.
      ...(options.weightsAsTheyLie && {
        optimization: { disable_specified_optimizers: "ConstantFolding;NchwcTransformer" },
      }),
    },
  })
  const shapes = new Map(model.inputs.map(({ name, tensor }) => [name, tensor]))
  return {
    async run(feeds) {
      const tensors: Record<string, ort.Tensor> = {}
      for (const [name, tensor] of shapes) {
        const values = feeds.get(name)
        if (!values) throw new Error(`${name} was not fed; the model wants ${[...shapes.keys()].join(", ")}`)
        tensors[name] = toOrt(name, values, tensor.shape)
      }
      const results = await session.run(tensors)
      return new Map(model.outputs.map(({ name }) => [name, results[name]?.data as Values]))
    },
    release: () => session.release(),
  }
}

/** A model.onnx as other programs see it. */
export interface OnnxFile {
  /** Shapes of the inputs by name. */
  readonly inputs: ReadonlyMap<string, Shape>
  readonly outputs: readonly string[]
  run(feeds: ReadonlyMap<string, Values>): Promise<Map<string, Values>>
  release(): Promise<void>
}

/** Opens an exported model on the CPU; its weights lie beside it. @throws where ONNX Runtime refuses it */
export async function openOnnxFile(path: string, threads: number): Promise<OnnxFile> {
  const session = await ort.InferenceSession.create(path, {
    intraOpNumThreads: threads,
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  })
  const inputs = new Map(
    session.inputMetadata.map((input): [string, Shape] => [input.name, input.isTensor ? input.shape.map(Number) : []]),
  )
  return {
    inputs,
    outputs: session.outputNames,
    async run(feeds) {
      const tensors = [...feeds].map(([name, values]) => [name, toOrt(name, values, inputs.get(name) ?? [])] as const)
      const results = await session.run(Object.fromEntries(tensors))
      return new Map(Object.entries(results).map(([name, { data }]) => [name, data as Values]))
    },
    release: () => session.release(),
  }
}

/** Execution providers that this build of ONNX Runtime carries. */
export function listProviders(): readonly { readonly name: string; readonly bundled: boolean }[] {
  return ort.listSupportedBackends()
}

function toOrt(name: string, values: Values, shape: Shape): ort.Tensor {
  const count = shape.reduce((product, n) => product * n, 1)
  if (values.length !== count)
    throw new Error(`${name} was fed ${values.length} values, but its shape [${shape}] wants ${count}`)
  if (values instanceof Float32Array) return new ort.Tensor("float32", values, shape)
  if (values instanceof BigInt64Array) return new ort.Tensor("int64", values, shape)
  if (values instanceof Int32Array) return new ort.Tensor("int32", values, shape)
  const tensor = new ort.Tensor("float16", values, shape)
  // onnxruntime-common wraps the bits in a Float16Array, which the native binding cannot read.
  Object.defineProperty(tensor, "data", { value: values })
  return tensor
}

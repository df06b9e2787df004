/** A graph as ONNX files for other programs: model.onnx, and model.onnx_data beside it with the weights. */

import { type FileHandle, open, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Tensor } from "../graph/graph.ts"
import { type LoweredModel, lower } from "../lowering/lowering.ts"
import { type Weight, type Weights, weightOf } from "../runtime/weights.ts"
import { readPieces } from "../weights/safetensors.ts"

/** One row of `values` [b, n, c] for each of b: the first whose id in `ids` [b, n] is `token`, or the largest id. */
export interface PickedRow {
  readonly ids: Tensor
  readonly values: Tensor
  readonly token: number | "largest"
}

export interface OnnxFileOptions {
  readonly weights: Weights
  /** Names of int64 inputs that the model is to take as int32. */
  readonly int32Inputs?: ReadonlySet<string>
  /** More outputs [b, c], by name. */
  readonly rows?: Readonly<Record<string, PickedRow>>
  /** Told the bytes of each piece of weights; throws to stop. */
  readonly onPiece?: (bytes: number) => void
}

const dataName = "model.onnx_data"

/**
 * Writes the two files into a folder that exists. Inputs have the names given to `graph.input`, outputs the keys of
 * `outputs`; shapes are as fixed as the graph's. The formulations are the CPU's, with operators of ONNX Runtime
 * (com.microsoft) among them. Weights keep the type they are stored in.
 */
export async function writeOnnx(
  directory: string,
  outputs: Readonly<Record<string, Tensor>>,
  { weights, int32Inputs = new Set(), rows = {}, onPiece }: OnnxFileOptions,
): Promise<LoweredModel> {
  const names = new Map(Object.entries(outputs).map(([name, tensor]) => [tensor, name]))
  const places: { readonly parameter: string; readonly byteOffset: number }[] = []
  let end = 0
  const model = lower([...names.keys()], {
    provider: "cpu",
    external(parameter) {
      const weight = weightOf(weights, parameter)
      const byteLength = weight.kind === "memory" ? weight.values.byteLength : weight.byteLength
      // Whole pages, so that a reader can map each weight by itself.
      const byteOffset = Math.ceil(end / 4096) * 4096
      places.push({ parameter, byteOffset })
      end = byteOffset + byteLength
      return { location: dataName, byteOffset, byteLength }
    },
    interface: {
      outputName: (tensor) => names.get(tensor) ?? `output_${tensor.id}`,
      int32Inputs,
      appended: Object.values(rows).flatMap(({ ids, values }) => [ids, values]),
      append(onnx, onnxOf) {
        for (const [name, { ids, values, token }] of Object.entries(rows)) {
          const scores =
            token === "largest"
              ? onnxOf(ids)
              : onnx.node("Cast", [onnx.node("Equal", [onnxOf(ids), onnx.ints([token], [])])], { to: 6 })
          const index = onnx.node("ArgMax", [scores], { axis: 1, keepdims: 1, select_last_index: 0 })
          const row = onnx.node("GatherND", [onnxOf(values), index], { batch_dims: 1 })
          onnx.namedOutput(name, row, [values.shape[0] ?? 1, values.shape[2] ?? 1], "float32")
        }
      },
    },
  })
  await using file = await open(join(directory, dataName), "wx")
  for (const { parameter, byteOffset } of places) {
    const weight = weightOf(weights, parameter)
    let position = byteOffset
    for await (const piece of piecesOf(weight)) {
      await writeAt(file, piece, position)
      position += piece.byteLength
      onPiece?.(piece.byteLength)
    }
  }
  await writeFile(join(directory, "model.onnx"), model.bytes, { flag: "wx" })
  return model
}

function piecesOf(weight: Weight): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  if (weight.kind === "file") return readPieces(weight.path, weight)
  const { buffer, byteOffset, byteLength } = weight.values
  return [new Uint8Array(buffer, byteOffset, byteLength)]
}

async function writeAt(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.byteLength; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.byteLength - done, position + done)
    done += bytesWritten
  }
}

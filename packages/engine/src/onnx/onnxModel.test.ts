import assert from "node:assert/strict"
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { after, describe, test } from "node:test"
import { Graph } from "../graph/graph.ts"
import type { DataType } from "../graph/operators.ts"
import { compile } from "../runtime/program.ts"
import type { Weight } from "../runtime/weights.ts"
import { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from "../weights/floats.ts"
import { OnnxModel } from "./onnxModel.ts"
import { ProtobufWriter } from "./protobuf.ts"

describe("protobuf", () => {
  const hex = (writer: ProtobufWriter) => Buffer.from(writer.finish()).toString("hex")

  // The example of protobuf.dev/programming-guides/encoding, and -2 as ten bytes of two's complement.
  test("varints are seven bits at a time, negative numbers ten bytes", () => {
    assert.equal(hex(new ProtobufWriter().int(1, 150)), "089601")
    assert.equal(hex(new ProtobufWriter().int(1, 0)), "0800")
    assert.equal(hex(new ProtobufWriter().int(1, 127).int(1, 128)), "087f088001")
    assert.equal(hex(new ProtobufWriter().int(1, -2)), "08feffffffffffffffff01")
    assert.equal(hex(new ProtobufWriter().int(1, -(2n ** 63n))), "0880808080808080808001")
    assert.equal(hex(new ProtobufWriter().int(20, 7)), "a00107")
  })

  test("strings, floats and messages carry their field and length", () => {
    assert.equal(hex(new ProtobufWriter().string(2, "testing")), "120774657374696e67")
    assert.equal(hex(new ProtobufWriter().float(2, 1)), "150000803f")
    assert.equal(hex(new ProtobufWriter().message(3, (inner) => inner.int(1, 150))), "1a03089601")
  })

  test("a message longer than the first buffer keeps its bytes", () => {
    const bytes = Uint8Array.from({ length: 5000 }, (_, i) => i)
    const written = new ProtobufWriter().int(1, 1).bytes(5, bytes).finish()
    assert.deepEqual(written.subarray(-5000), bytes)
    assert.equal(written.length, 2 + 1 + 2 + 5000)
  })
})

describe("a model", () => {
  test("merges equal nodes and equal small constants", () => {
    const onnx = new OnnxModel()
    const x = onnx.input("x", [2], "float32")
    const half = onnx.node("Mul", [x, onnx.scalar(0.5)])
    assert.equal(onnx.node("Mul", [x, onnx.scalar(0.5)]), half)
    assert.equal(onnx.ints([1, -1]), onnx.ints([1, -1]))
    const length = onnx.finish().length
    onnx.node("Mul", [x, onnx.scalar(0.5)])
    assert.equal(onnx.finish().length, length, "asking again adds nothing")
  })

  test("keeps apart what differs in inputs, attributes, shape or type", () => {
    const onnx = new OnnxModel()
    const x = onnx.input("x", [2, 2], "float32")
    const y = onnx.input("y", [2, 2], "float32")
    const values = [
      onnx.node("Sub", [x, y]),
      onnx.node("Sub", [y, x]),
      onnx.node("Transpose", [x], { perm: [0, 1] }),
      onnx.node("Transpose", [x], { perm: [1, 0] }),
      onnx.floats([1], []),
      onnx.floats([1], [1]),
      onnx.ints([1]),
    ]
    assert.equal(new Set(values).size, values.length)
  })
})

describe("an output", () => {
  const options = { provider: "cpu", threads: 1, weights: new Map() } as const
  const x = Float32Array.of(1, 2, 3, 4)

  test("may be an input, a constant, and a value that has another shape elsewhere", async () => {
    const g = new Graph()
    const input = g.input("x", [2, 2])
    const reshaped = g.reshape(g.mul(input, g.constant(2)), [4])
    const program = await compile({ input, reshaped, sum: g.add(reshaped, reshaped), one: g.constant(1) }, options)
    const results = await program.run({ x })
    assert.deepEqual(results, {
      input: x,
      reshaped: x.map((n) => 2 * n),
      sum: x.map((n) => 4 * n),
      one: Float32Array.of(1),
    })
    await program.release()
  })

  test("has an array of its own where another output is equal", async () => {
    const g = new Graph()
    const input = g.input("x", [4])
    const program = await compile({ a: g.exp(input), b: g.exp(input), c: g.reshape(g.exp(input), [2, 2]) }, options)
    const { a, b, c } = await program.run({ x })
    assert.deepEqual(a, b)
    assert.deepEqual(a, c)
    assert.equal(new Set([a.buffer, b.buffer, c.buffer]).size, 3)
    await program.release()
  })
})

describe("a weight that stays in its file", () => {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), "fjord-onnx-")))
  after(() => rmSync(folder, { recursive: true }))

  const values = Float32Array.from({ length: 12 }, (_, i) => Math.sin(i + 1) * 1.7)
  const formats: readonly (readonly [DataType, Float32Array | Uint16Array, Float32Array])[] = [
    ["float32", values, values],
    ["float16", float32ToFloat16(values), float16ToFloat32(float32ToFloat16(values))],
    ["bfloat16", float32ToBfloat16(values), bfloat16ToFloat32(float32ToBfloat16(values))],
  ]
  const x = Float32Array.of(0.3, -1, 2, 0.25)

  const multiply = async (weight: Weight, dataType: DataType) => {
    const g = new Graph()
    const w = g.cast(g.parameter("w", [3, 4], dataType), "float32")
    const outputs = { w: g.add(w, g.constant(0)), y: g.linear(g.input("x", [1, 4]), w) }
    const program = await compile(outputs, { provider: "cpu", threads: 1, weights: new Map([["w", weight]]) })
    try {
      return await program.run({ x })
    } finally {
      await program.release()
    }
  }

  // A safetensors header is as long as its names are, so that nothing aligns the data.
  for (const byteOffset of [0, 13, 4098])
    for (const [dataType, stored, exact] of formats)
      test(`${dataType} at byte ${byteOffset} gives the numbers of weights in memory`, async () => {
        const file = path.join(folder, `${dataType}-${byteOffset}.safetensors`)
        const bytes = new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength)
        writeFileSync(file, Buffer.concat([Buffer.alloc(byteOffset, 0x7f), bytes, Buffer.alloc(5, 0x7f)]))
        const inFile: Weight = { kind: "file", path: file, byteOffset, byteLength: bytes.length }
        const result = await multiply(inFile, dataType)
        assert.deepEqual(result.w, exact)
        // The product may add in another order: ONNX Runtime rearranges weights that it holds itself.
        const { y } = await multiply({ kind: "memory", values: exact }, "float32")
        assert.ok(
          y.every((value, i) => Math.abs(Number(value) - Number(result.y[i])) <= 1e-6),
          `${result.y} is ${y}`,
        )
      })

  test("float16 bits can be fed from memory", async () => {
    const [, [, bits, exact] = assert.fail()] = formats
    assert.deepEqual((await multiply({ kind: "memory", values: bits }, "float16")).w, exact)
  })
})

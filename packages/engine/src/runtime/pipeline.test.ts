import assert from "node:assert/strict"
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { after, before, describe, test } from "node:test"
import { backward } from "../autodiff/backward.ts"
import { Graph, type Tensor } from "../graph/graph.ts"
import { size } from "../graph/shapes.ts"
import { float16ToFloat32, float32ToFloat16 } from "../weights/floats.ts"
import { createPipeline, type Pipeline, type PipelineOptions } from "./pipeline.ts"
import { compile } from "./program.ts"
import type { Values } from "./session.ts"
import type { Weight, Weights } from "./weights.ts"

const padding = { top: 1, left: 1, bottom: 1, right: 1 }
const machine = { provider: "cpu", threads: 1 } as const
const modes = ["recompute", "save"] as const

/** Noise-like numbers that are the same everywhere. */
const noise = (count: number, seed: number) =>
  Float32Array.from({ length: count }, (_, i) => Math.sin(12.9898 * (i + 1) + 78.233 * seed) * 0.7)

/** A convolution block, an attention block, and a third that sees the first again through a skip connection. */
function network(typeOf: (name: string) => "float32" | "float16" = () => "float32") {
  const g = new Graph()
  const weight = (name: string, shape: readonly number[]) => g.cast(g.parameter(name, shape, typeOf(name)), "float32")
  const norm = (x: Tensor, name: string) =>
    g.groupNorm(x, weight(`${name}.weight`, [4]), weight(`${name}.bias`, [4]), 2, 1e-5)
  const conv = (x: Tensor, name: string, into: number, out: number) =>
    g.conv2d(x, weight(`${name}.weight`, [out, into, 3, 3]), weight(`${name}.bias`, [out]), { stride: 1, padding })
  const linear = (x: Tensor, name: string) => g.linear(x, weight(`${name}.weight`, [4, 4]), weight(`${name}.bias`, [4]))

  const x = g.input("x", [2, 3, 4, 4])
  const resnet = g.block("resnet", () => {
    const first = conv(x, "conv_in", 3, 4)
    return g.add(first, conv(g.silu(norm(first, "norm")), "conv", 4, 4))
  })
  const attended = g.block("attention", () => {
    const tokens = g.transpose(g.reshape(resnet, [2, 4, 16]), [0, 2, 1])
    const attention = { heads: 2, scale: Math.SQRT1_2, causal: false }
    const mixed = g.attention(linear(tokens, "to_q"), linear(tokens, "to_k"), linear(tokens, "to_v"), attention)
    return g.reshape(g.transpose(g.add(tokens, linear(mixed, "to_out")), [0, 2, 1]), [2, 4, 4, 4])
  })
  const skip = g.concat([attended, resnet], 1)
  const y = g.block("out", () => conv(g.silu(skip), "conv_out", 8, 3))
  return { g, y, parameters: g.tensors.filter(({ operator }) => operator === "Parameter") }
}

const nameOf = (parameter: Tensor): string => (parameter.operator === "Parameter" ? parameter.attributes.name : "")
const initial = new Map(network().parameters.map((p, i) => [nameOf(p), noise(size(p.shape), i + 1)]))
const names = [...initial.keys()]
const inMemory = (values: (name: string) => Values): Weights =>
  new Map(names.map((name): [string, Weight] => [name, { kind: "memory", values: values(name) }]))
const float32 = (name: string): Float32Array => initial.get(name) ?? assert.fail(name)

const x = noise(2 * 3 * 4 * 4, 100)
const dy = noise(2 * 3 * 4 * 4, 200)
type Gradients = Readonly<Record<string, Float32Array>>

async function wholeGraph(weights: Weights, trainable: readonly string[] = names): Promise<Gradients> {
  const { g, y, parameters } = network()
  const wrt = parameters.filter((parameter) => trainable.includes(nameOf(parameter)))
  const gradients = backward(g, new Map([[y, g.input("dy", y.shape)]]), wrt)
  const outputs = Object.fromEntries([["y", y], ...[...gradients].map(([p, gradient]) => [nameOf(p), gradient])])
  const program = await compile(outputs, { ...machine, weights })
  try {
    return (await program.run({ x, dy })) as Gradients
  } finally {
    await program.release()
  }
}

async function step(pipeline: Pipeline): Promise<Gradients> {
  const found: Record<string, Float32Array> = { y: Float32Array.from((await pipeline.forward({ x })) as Float32Array) }
  await pipeline.backward(dy, (name, gradient) => {
    assert.equal(Object.hasOwn(found, name), false, `${name} is received once`)
    found[name] = gradient
  })
  return found
}

async function withPipeline<T>(
  options: Partial<PipelineOptions> & Pick<PipelineOptions, "mode" | "weights">,
  use: (pipeline: Pipeline) => Promise<T>,
  { g, y }: { g: Graph; y: Tensor } = network(),
): Promise<T> {
  const pipeline = await createPipeline(g, y, { ...machine, trainable: new Set(names), ...options })
  try {
    return await use(pipeline)
  } finally {
    await pipeline.release()
  }
}

function assertClose(actual: Gradients, expected: Gradients, tolerance: number) {
  assert.deepEqual(Object.keys(actual).sort(), Object.keys(expected).sort())
  for (const [name, wanted] of Object.entries(expected)) {
    const got = actual[name] ?? assert.fail(name)
    assert.equal(got.length, wanted.length, name)
    const scale = Math.max(...wanted.map(Math.abs))
    const distance = Math.max(...wanted.map((value, i) => Math.abs(value - (got[i] ?? Number.NaN))))
    assert.ok(distance <= tolerance * scale, `${name} differs by ${distance}, its largest number is ${scale}`)
  }
}

describe("the pipeline's gradients are those of the whole graph", () => {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), "fjord-pipeline-")))
  after(() => rmSync(folder, { recursive: true }))
  const inFile = new Map<string, Weight>()
  let expected: Gradients = {}

  before(async () => {
    expected = await wholeGraph(inMemory(float32))
    const file = path.join(folder, "model.safetensors")
    const parts = [Buffer.alloc(11)]
    let byteOffset = 11
    for (const [name, { buffer, byteLength }] of initial) {
      inFile.set(name, { kind: "file", path: file, byteOffset, byteLength })
      parts.push(Buffer.from(buffer))
      byteOffset += byteLength
    }
    writeFileSync(file, Buffer.concat(parts))
  })

  for (const mode of modes) {
    test(`mode ${mode}, weights in memory`, async () => {
      assertClose(await withPipeline({ mode, weights: inMemory(float32) }, step), expected, 1e-6)
    })

    test(`mode ${mode}, weights in their file`, async () => {
      assertClose(await withPipeline({ mode, weights: inFile }, step), expected, 1e-6)
    })

    test(`mode ${mode}, trained weights in memory and frozen ones in their file`, async () => {
      const trainable = new Set(["to_q.weight", "conv_in.bias"])
      const weights = new Map([...inFile, ...[...inMemory(float32)].filter(([name]) => trainable.has(name))])
      const wanted = Object.fromEntries(["y", ...trainable].map((name) => [name, expected[name] ?? assert.fail(name)]))
      assertClose(await withPipeline({ mode, weights, trainable }, step), wanted, 1e-6)
    })

    test(`mode ${mode}, frozen weights in float16 in memory`, async () => {
      const trained = "to_q.weight"
      const bits = inMemory((name) => (name === trained ? float32(name) : float32ToFloat16(float32(name))))
      const exact = (name: string) =>
        name === trained ? float32(name) : float16ToFloat32(float32ToFloat16(float32(name)))
      const wanted = await wholeGraph(inMemory(exact), [trained])
      const half = network((name) => (name === trained ? "float32" : "float16"))
      const options = { mode, weights: bits, trainable: new Set([trained]) }
      assertClose(await withPipeline(options, step, half), wanted, 1e-6)
    })
  }
})

for (const mode of modes) {
  test(`mode ${mode}: run again, a step gives the same bytes`, async () => {
    const weights = inMemory(float32)
    await withPipeline({ mode, weights }, async (pipeline) => {
      assert.deepEqual(await step(pipeline), await step(pipeline))
    })
  })

  test(`mode ${mode}: a forward pass that is not followed by a backward one leaves no trace`, async () => {
    const weights = inMemory(float32)
    await withPipeline({ mode, weights }, async (pipeline) => {
      const expected = await step(pipeline)
      await pipeline.forward({ x: noise(x.length, 300) })
      assert.deepEqual(await step(pipeline), expected)
    })
  })

  test(`mode ${mode}: weights in memory may change between steps`, async () => {
    const changing = new Map(names.map((name) => [name, Float32Array.from(float32(name))]))
    await withPipeline(
      { mode, weights: inMemory((name) => changing.get(name) ?? assert.fail(name)) },
      async (pipeline) => {
        await step(pipeline)
        for (const values of changing.values())
          for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) * 0.5
        const expected = await wholeGraph(inMemory((name) => float32(name).map((value) => value * 0.5)))
        assertClose(await step(pipeline), expected, 1e-6)
      },
    )
  })

  test(`mode ${mode}: what throws between two blocks stops the step, and the next one is whole`, async () => {
    let stop = false
    const betweenBlocks = () => {
      if (stop) throw new Error("cancelled")
    }
    await withPipeline({ mode, weights: inMemory(float32), betweenBlocks }, async (pipeline) => {
      const expected = await step(pipeline)
      stop = true
      await assert.rejects(pipeline.forward({ x }), /cancelled/)
      stop = false
      assert.deepEqual(await step(pipeline), expected)
    })
  })
}

test("parameters that the graph does not have cannot be trained", async () => {
  const trainable = new Set(["conv.weight", "conv.wieght"])
  await assert.rejects(
    withPipeline({ mode: "save", weights: inMemory(float32), trainable }, step),
    /no parameters conv\.wieght, which are to be trained/,
  )
})

test("each forward pass serves one backward pass", async () => {
  await withPipeline({ mode: "save", weights: inMemory(float32) }, async (pipeline) => {
    await assert.rejects(
      pipeline.backward(dy, () => {}),
      /needs a whole forward pass before it/,
    )
    const expected = await step(pipeline)
    await assert.rejects(
      pipeline.backward(dy, () => {}),
      /needs a whole forward pass before it/,
    )
    assert.deepEqual(await step(pipeline), expected)
  })
})

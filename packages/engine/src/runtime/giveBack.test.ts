import assert from "node:assert/strict"
import { test } from "node:test"
import { Graph } from "../graph/graph.ts"
import { giveBack } from "./giveBack.ts"
import { createPipeline } from "./pipeline.ts"

const million = 1_000_000
const heldBytes = () => process.memoryUsage().arrayBuffers

test("what is given back is empty, and its memory is free at once", () => {
  const values = new Float32Array(million).fill(1)
  const before = heldBytes()
  giveBack(values)
  assert.equal(values.length, 0)
  assert.ok(heldBytes() <= before - 4 * million)
})

for (const mode of ["recompute", "save"] as const)
  test(`mode ${mode}: after a step a pipeline holds no value between its blocks, without waiting for the garbage collector`, async () => {
    const g = new Graph()
    const scale = g.parameter("scale", [million])
    let y = g.mul(g.input("x", [million]), scale)
    for (const block of ["first", "second", "third", "fourth"]) y = g.block(block, () => g.silu(y))
    const x = new Float32Array(million).fill(0.5)
    const pipeline = await createPipeline(g, y, {
      provider: "cpu",
      threads: 1,
      mode,
      trainable: new Set(["scale"]),
      weights: new Map([["scale", { kind: "memory", values: new Float32Array(million).fill(1) }]]),
    })
    const before = heldBytes()
    const output = (await pipeline.forward({ x })) as Float32Array
    const gradients: Float32Array[] = []
    await pipeline.backward(x, (_, gradient) => gradients.push(gradient))
    const handedOut = [output, ...gradients].reduce((sum, { byteLength }) => sum + byteLength, 0)
    assert.equal(handedOut, 2 * 4 * million)
    assert.ok(heldBytes() - before < handedOut + 0.1 * million, `${heldBytes() - before} bytes are held`)
    await pipeline.release()
  })

import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { test } from "node:test"
import { dataLoaderOrder } from "./dataLoaderOrder.ts"
import { TorchGenerator } from "./torchGenerator.ts"

test("randn of 16 and more draws what torch.randn draws, to the bit", () => {
  const values = new TorchGenerator(0).randn(1024)
  assert.equal(values[0], -1.1258398294448853)
  assert.equal(values[1023], -1.7104684114456177)
  const hash = createHash("sha256").update(new Uint8Array(values.buffer)).digest("hex")
  assert.equal(hash, "443a9fa4ffb0e2221dbc5b56bec0b8ccb4510a8a94a903e8321dfa3b2d99d55b")
})

test("randn of fewer than 16 uses the double path and keeps the second normal of a pair", () => {
  const whole = new TorchGenerator(42).randn(4)
  const generator = new TorchGenerator(42)
  assert.deepEqual([...generator.randn(1), ...generator.randn(3)], [...whole])
})

test("a seed beyond 32 bits counts with its low 32 bits", () => {
  assert.deepEqual(new TorchGenerator(4294967301n).rand(3), new TorchGenerator(5).rand(3))
})

test("the data loader visits what DataLoader(shuffle=True) visits and leaves the global generator where it does", () => {
  const generator = new TorchGenerator(0)
  assert.deepEqual(dataLoaderOrder(generator, 5), [1, 4, 2, 3, 0])
  assert.deepEqual([...generator.randn(2)], [-2.1787893772125244, 0.5684312582015991])
  assert.deepEqual(dataLoaderOrder(generator, 5), [2, 4, 1, 0, 3])
})

test("a generator restored from its state goes on with the same numbers", () => {
  const generator = new TorchGenerator(7)
  generator.randn(3)
  const restored = TorchGenerator.fromState(structuredClone(generator.state()))
  assert.deepEqual(restored.randn(3), generator.randn(3))
  assert.deepEqual(restored.randint(0, 2 ** 40, 3), generator.randint(0, 2 ** 40, 3))
})

test("senseless draws and damaged states are refused with a sentence", () => {
  assert.throws(() => new TorchGenerator(0.5), /wanted an integer, got 0.5/)
  assert.throws(() => new TorchGenerator(0).randint(3, 3, 1), /low < high/)
  assert.throws(() => new TorchGenerator(0).randn(-1), /count of 0 or more/)
  assert.throws(() => TorchGenerator.fromState({ words: new Uint32Array(3), index: 0, nextNormal: null }), /damaged/)
})

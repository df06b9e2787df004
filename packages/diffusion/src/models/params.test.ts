import assert from "node:assert/strict"
import { test } from "node:test"
import { Graph } from "@fjord/engine"
import { pooledIndex } from "./clipTextEncoder.ts"
import { conv2d, linear } from "./layers.ts"
import { type Adapters, Params } from "./params.ts"

const catalogue = new Map([
  ["block.0.to_q.weight", { shape: [3, 2], dataType: "F16" }],
  ["block.0.to_q.bias", { shape: [3], dataType: "F32" }],
  ["position_ids", { shape: [77], dataType: "I64" }],
])

test("a weight is found by its module path and named with its component in the graph", () => {
  const graph = new Graph()
  const params = new Params(graph, catalogue, { component: "unet" }).at("block", 0).at("to_q")
  const bias = params.get("bias", [3])
  assert.deepEqual(bias.attributes, { name: "unet.block.0.to_q.bias" })
  assert.equal(params.has("weight"), true)
  assert.equal(params.has("other"), false)
})

test("a weight in half precision reaches the model as float32", () => {
  const graph = new Graph()
  const weight = new Params(graph, catalogue).get("block.0.to_q.weight", [3, 2])
  assert.equal(weight.dataType, "float32")
  assert.equal(weight.inputs[0]?.dataType, "float16")
})

test("a missing, misshaped or integer weight is refused by its full name", () => {
  const params = new Params(new Graph(), catalogue, { component: "unet" })
  assert.throws(() => params.at("mid_block").get("weight", [1]), /lack unet\.mid_block\.weight/)
  assert.throws(() => params.get("block.0.to_q.bias", [4]), /unet\.block\.0\.to_q\.bias.*\[4\].*\[3\]/)
  assert.throws(() => params.get("position_ids", [77]), /I64/)
})

test("an adapter adds its two factors to the parameters and its weight to the inputs", () => {
  const graph = new Graph()
  const adapters: Adapters = new Map([
    ["a", [{ rank: 4, scale: 1 }]],
    ["b", [{ rank: 2, scale: "strength", name: "style" }]],
  ])
  const shapes = new Map<string, readonly number[]>()
  const base = new Map([
    ["a.weight", { shape: [5, 3], dataType: "F32" }],
    ["b.weight", { shape: [6, 3, 3, 3], dataType: "F32" }],
    ["b.bias", { shape: [6], dataType: "F32" }],
  ])
  const params = new Params(graph, base, { component: "unet", adapters })
  linear(params.at("a"), graph.input("x", [1, 3]), 5, { bias: false })
  conv2d(params.at("b"), graph.input("image", [1, 3, 8, 8]), 6, { stride: 2 })
  for (const tensor of graph.tensors)
    if (tensor.operator === "Parameter" || tensor.operator === "Input") shapes.set(tensor.attributes.name, tensor.shape)
  assert.deepEqual(shapes.get("unet.a.lora_A.weight"), [4, 3])
  assert.deepEqual(shapes.get("unet.a.lora_B.weight"), [5, 4])
  assert.deepEqual(shapes.get("unet.b.lora_A.style.weight"), [2, 3, 3, 3])
  assert.deepEqual(shapes.get("unet.b.lora_B.style.weight"), [6, 2, 1, 1])
  assert.deepEqual(shapes.get("strength"), [])
})

test("the pooled state is that of the end token, or of the largest id where the configuration is of the old kind", () => {
  assert.equal(pooledIndex([98, 5, 99, 99, 7], { eos_token_id: 2 }), 2)
  assert.equal(pooledIndex([98n, 5n, 7n, 7n], { eos_token_id: 7 }), 2)
  assert.equal(pooledIndex([98, 5], { eos_token_id: 7 }), 0)
})

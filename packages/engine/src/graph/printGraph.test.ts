import assert from "node:assert/strict"
import { test } from "node:test"
import { backward } from "../autodiff/backward.ts"
import { Graph } from "./graph.ts"
import { printGraph } from "./printGraph.ts"

function smallNetwork() {
  const g = new Graph()
  const x = g.input("x", [2, 3])
  const weight = g.parameter("head.weight", [4, 3])
  const hidden = g.block("head", () => g.silu(g.linear(x, weight, g.parameter("head.bias", [4]))))
  return { g, weight, y: g.mul(g.reduceSum(hidden, [1]), g.constant(0.5)) }
}

test("a network prints as one line per tensor, in reading order", () => {
  const { g } = smallNetwork()
  assert.equal(
    printGraph(g),
    `
%0 = Input(x) [2,3] float32
%1 = Parameter(head.weight) [4,3] float32
%2 = Parameter(head.bias) [4] float32 @head
%3 = Linear(%0, w: head.weight, w: head.bias) [2,4] float32 @head
%4 = SiLU(%3) [2,4] float32 @head
%5 = ReduceSum(%4, axes=[1], keepDims=false) [2] float32
%6 = Constant(0.5) [] float32
%7 = Mul(%5, 0.5) [2] float32`.trim(),
  )
})

test("only what the asked outputs depend on is printed, gradients included", () => {
  const { g, weight, y } = smallNetwork()
  const gradients = backward(g, new Map([[y, g.input("dy", [2])]]), [weight])
  assert.equal(
    printGraph(g, [...gradients.values()]),
    `
%0 = Input(x) [2,3] float32
%1 = Parameter(head.weight) [4,3] float32
%2 = Parameter(head.bias) [4] float32 @head
%3 = Linear(%0, w: head.weight, w: head.bias) [2,4] float32 @head
%6 = Constant(0.5) [] float32
%8 = Input(dy) [2] float32
%9 = Mul(%8, 0.5) [2] float32 @∇
%11 = Reshape(%9, shape=[2,1]) [2,1] float32 @∇
%12 = Expand(%11, shape=[2,4]) [2,4] float32 @∇
%13 = SiLUGradient(%12, %3) [2,4] float32 @∇head
%15 = LinearWeightGradient(%13, %0) [4,3] float32 @∇head`.trim(),
  )
})

test("nested attributes are printed", () => {
  const g = new Graph()
  const padding = { top: 0, left: 0, bottom: 1, right: 1 }
  const y = g.conv2d(g.input("x", [1, 2, 4, 4]), g.parameter("w", [3, 2, 3, 3]), undefined, { stride: 2, padding })
  assert.equal(
    printGraph(g, [y]).split("\n").at(-1),
    "%2 = Conv2d(%0, w: w, stride=2, padding={top:0,left:0,bottom:1,right:1}) [1,3,2,2] float32",
  )
})

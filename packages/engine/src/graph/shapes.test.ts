import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { Graph, type Tensor } from "./graph.ts"
import { broadcastShape } from "./shapes.ts"

const padding = { top: 1, left: 1, bottom: 1, right: 1 }
const attention = { heads: 2, scale: 1, causal: false }

describe("a mistake is refused where it is made, with operator, block and shapes", () => {
  const refused: readonly (readonly [what: string, build: (g: Graph) => Tensor, message: RegExp])[] = [
    [
      "Linear of another width",
      (g) => g.linear(g.input("x", [2, 3]), g.parameter("fc.weight", [5, 4])),
      /^Linear in block "b": shapes x \[2,3\] · fc.weight \[5,4\] do not fit/,
    ],
    [
      "Linear with a bias of another length",
      (g) => g.linear(g.input("x", [2, 3]), g.parameter("fc.weight", [5, 3]), g.parameter("fc.bias", [3])),
      /^Linear in block "b": .* fc.bias \[3\] do not fit/,
    ],
    [
      "Conv2d of other channels",
      (g) => g.conv2d(g.input("x", [1, 4, 8, 8]), g.parameter("w", [6, 3, 3, 3]), undefined, { stride: 1, padding }),
      /^Conv2d in block "b": shapes x \[1,4,8,8\] · w \[6,3,3,3\] do not fit/,
    ],
    [
      "Conv2d of a picture smaller than its kernel",
      (g) => g.conv2d(g.input("x", [1, 3, 1, 1]), g.parameter("w", [6, 3, 5, 5]), undefined, { stride: 1, padding }),
      /^Conv2d in block "b": .* do not fit gives \[1,6,-1,-1\]/,
    ],
    [
      "Concat of other heights",
      (g) => g.concat([g.input("a", [1, 2, 4, 4]), g.input("b", [1, 2, 5, 4])], 1),
      /^Concat in block "b": shapes a \[1,2,4,4\] · b \[1,2,5,4\] do not fit along axis 1/,
    ],
    [
      "Concat of another rank",
      (g) => g.concat([g.input("a", [2, 4]), g.input("b", [2, 4, 1])], 1),
      /^Concat in block "b": shapes a \[2,4\] · b \[2,4,1\] do not fit along axis 1/,
    ],
    [
      "Slice past the end",
      (g) => g.slice(g.input("x", [2, 5]), 1, 3, 6),
      /^Slice in block "b": shapes x \[2,5\] do not fit axis 1 from 3 to 6/,
    ],
    [
      "an empty Slice",
      (g) => g.slice(g.input("x", [2, 5]), 1, 3, 3),
      /^Slice in block "b": shapes x \[2,5\] do not fit axis 1 from 3 to 3/,
    ],
    [
      "Slice of an axis that is not there",
      (g) => g.slice(g.input("x", [2, 5]), 2, 0, 1),
      /shape \[2,5\] has no axis 2/,
    ],
    [
      "Attention whose keys have other channels",
      (g) => g.attention(g.input("q", [1, 4, 8]), g.input("k", [1, 3, 6]), g.input("v", [1, 3, 6]), attention),
      /^Attention in block "b": shapes q \[1,4,8\] · k \[1,3,6\] · v \[1,3,6\] do not fit with 2 heads/,
    ],
    [
      "Attention whose channels the heads do not divide",
      (g) => g.attention(g.input("q", [1, 4, 9]), g.input("k", [1, 3, 9]), g.input("v", [1, 3, 9]), attention),
      /^Attention in block "b": .* do not fit with 2 heads/,
    ],
    [
      "Reshape to another number of elements",
      (g) => g.reshape(g.input("x", [2, 3]), [4, 2]),
      /^Reshape in block "b": shapes x \[2,3\] do not fit to \[4,2\]/,
    ],
    [
      "Transpose that names an axis twice",
      (g) => g.transpose(g.input("x", [2, 3]), [1, 1]),
      /^Transpose in block "b": shapes x \[2,3\] do not fit by \[1,1\]/,
    ],
    [
      "GroupNorm whose groups do not divide the channels",
      (g) => g.groupNorm(g.input("x", [1, 6, 2]), g.parameter("s", [6]), g.parameter("b", [6]), 4, 1e-5),
      /^GroupNorm in block "b": .* do not fit with 4 groups/,
    ],
    [
      "Add of shapes that do not broadcast",
      (g) => g.add(g.input("a", [2, 3]), g.input("b", [2])),
      /^Add in block "b": shapes a \[2,3\] · b \[2\] do not fit — the shapes do not broadcast/,
    ],
    [
      "Add of two data types",
      (g) => g.add(g.input("a", [2]), g.input("b", [2], "float16")),
      /^Add in block "b": .* one is float32 and the other float16: cast one of them/,
    ],
    [
      "Expand of an axis that is not 1",
      (g) => g.expand(g.input("x", [3]), [2, 4]),
      /^Expand in block "b": shapes x \[3\] do not fit to \[2,4\]/,
    ],
    [
      "a sum over an axis that is not there",
      (g) => g.reduceSum(g.input("x", [2, 5]), [-1]),
      /shape \[2,5\] has no axis -1/,
    ],
    [
      "Concat along an axis that is not there",
      (g) => g.concat([g.input("x", [3]), g.input("y", [3])], 1),
      /shape \[3\] has no axis 1/,
    ],
    [
      "UpsampleNearest2x of what is no image",
      (g) => g.upsampleNearest2x(g.input("x", [2, 5])),
      /^UpsampleNearest2x in block "b": shapes x \[2,5\] do not fit — an image \[b, c, h, w\] is wanted/,
    ],
    [
      "a parameter asked for twice with two types",
      (g) => [g.parameter("w", [2]), g.parameter("w", [2], "float16")][0] as Tensor,
      /^Parameter w: asked for as float16, but it was declared as float32/,
    ],
    [
      "a parameter asked for twice with two shapes",
      (g) => [g.parameter("w", [2, 3]), g.parameter("w", [3, 2])][0] as Tensor,
      /^Parameter w: asked for shape \[3,2\], but it was declared with \[2,3\]/,
    ],
  ]
  for (const [what, build, message] of refused)
    test(what, () => {
      const g = new Graph()
      assert.throws(() => g.block("b", () => build(g)), { message })
    })
})

test("asking twice for one name gives the same tensor, and an input is not the parameter of that name", () => {
  const g = new Graph()
  assert.equal(g.parameter("w", [2]), g.parameter("w", [2]))
  assert.notEqual(g.input("w", [2]), g.parameter("w", [2]))
  assert.equal(g.constant(3), g.constant(3))
})

test("shapes broadcast from the right as in NumPy", () => {
  assert.deepEqual(broadcastShape([2, 4, 3], [4, 1]), [2, 4, 3])
  assert.deepEqual(broadcastShape([], [2, 3]), [2, 3])
  assert.deepEqual(broadcastShape([5, 1], [1, 7]), [5, 7])
  assert.equal(broadcastShape([2, 3], [2]), undefined)
})

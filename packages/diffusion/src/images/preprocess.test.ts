import assert from "node:assert/strict"
import { it } from "node:test"
import { cropRoom, cropSquare, preprocess, resizedSize } from "./preprocess.ts"
import type { RgbImage } from "./rgbImage.ts"
import { toImage } from "./toImage.ts"

/** Red is the column, green the row. */
function ramp(width: number, height: number): RgbImage {
  const rgb = new Uint8Array(width * height * 3)
  for (let i = 0; i < width * height; i++) rgb.set([i % width, Math.floor(i / width), 7], i * 3)
  return { width, height, rgb }
}

it("truncates the longer side, as torchvision does", () => {
  assert.deepEqual(resizedSize(1280, 853, 512), { width: 768, height: 512 })
  assert.deepEqual(resizedSize(853, 1281, 512), { width: 512, height: 768 })
  assert.deepEqual(resizedSize(400, 400, 512), { width: 512, height: 512 })
  assert.deepEqual(cropRoom(1280, 853, 512), { maxTop: 0, maxLeft: 256 })
})

it("rounds half a pixel of the centre crop to the even side, as Python does", () => {
  const left = (width: number): number | undefined => cropSquare(ramp(width, 8), { resolution: 8 }).rgb[0]
  assert.deepEqual([9, 11, 13, 15, 16].map(left), [0, 2, 2, 4, 4])
})

it("crops where it is told, flips afterwards and refuses corners outside", () => {
  const image = ramp(12, 8)
  const crop = { top: 0, left: 3 }
  assert.deepEqual([...cropSquare(image, { resolution: 8, crop }).rgb.subarray(0, 6)], [3, 0, 7, 4, 0, 7])
  assert.deepEqual([...cropSquare(image, { resolution: 8, crop, flip: true }).rgb.subarray(0, 6)], [10, 0, 7, 9, 0, 7])
  assert.throws(() => cropSquare(image, { resolution: 8, crop: { top: 0, left: 5 } }), /left 0 to 4/)
})

it("gives planes in [-1, 1] and toImage takes them back exactly", () => {
  const image = ramp(256, 256)
  const values = preprocess(image, { resolution: 256 })
  assert.equal(values.length, 3 * 256 * 256)
  assert.equal(values[0], -1)
  assert.equal(values[255], 1)
  // torch: ((torch.tensor(7.) / 255) - 0.5) / 0.5
  assert.equal(values[2 * 65536], Math.fround(-0.9450980424880981))
  assert.deepEqual(toImage(values, 256, 256), image)
})

it("clamps what the VAE overshoots, rounds halves to even and refuses NaN", () => {
  assert.deepEqual([...toImage(Float32Array.of(-3, 0, 9), 1, 1).rgb], [0, 128, 255])
  // 0.3 * 255 is 76.5 in float32: even is 76. (0 above is 127.5: even is 128.)
  assert.deepEqual([...toImage(Float32Array.of(-0.4, -0.4, -0.4), 1, 1).rgb], [76, 76, 76])
  assert.throws(() => toImage(Float32Array.of(0, Number.NaN, 0), 1, 1), /NaN/)
  assert.throws(() => toImage(new Float32Array(5), 1, 1), /3 x 1/)
})

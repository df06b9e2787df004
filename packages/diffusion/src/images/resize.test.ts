import assert from "node:assert/strict"
import { it } from "node:test"
import { resize } from "./resize.ts"
import type { RgbImage } from "./rgbImage.ts"

function picture(width: number, height: number): RgbImage {
  const rgb = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) {
        rgb[(y * width + x) * 3 + c] = (x * 37 + y * 91 + c * 53) * (x + 3 * y + 7 * c + 1)
      }
    }
  }
  return { width, height, rgb }
}

// Made with Pillow 9.4: Image.frombytes("RGB", ...).resize(...).
const pillow = {
  bilinear: [129, 124, 156, 145, 131, 121, 106, 89, 138, 151, 140, 140, 103, 145, 124, 132, 175, 150],
  bicubic: [126, 126, 158, 152, 132, 123, 101, 81, 139, 160, 138, 139, 89, 148, 122, 135, 184, 151],
  lanczos: [124, 130, 158, 153, 133, 123, 99, 77, 140, 167, 134, 135, 82, 150, 121, 135, 190, 150],
}
const pillowEnlarged = [
  0, 168, 54, 46, 89, 170, 130, 119, 242, 222, 246, 244, 54, 108, 136, 84, 93, 156, 147, 102, 159, 222, 132, 144, 108,
  48, 218, 121, 96, 141, 163, 84, 75, 222, 18, 44,
]

it("gives Pillow's bytes when shrinking and enlarging", () => {
  for (const resampling of ["bilinear", "bicubic", "lanczos"] as const) {
    assert.deepEqual([...resize(picture(7, 5), 3, 2, resampling).rgb], pillow[resampling], resampling)
  }
  assert.deepEqual([...resize(picture(3, 2), 4, 3).rgb], pillowEnlarged)
})

it("stays within one level of a triangle filter in float64", () => {
  for (const [width, height, newWidth, newHeight] of [
    [61, 47, 20, 33],
    [19, 23, 40, 23],
    [128, 96, 32, 24],
  ] as const) {
    const image = picture(width, height)
    const { rgb } = resize(image, newWidth, newHeight)
    for (let y = 0; y < newHeight; y++) {
      for (let x = 0; x < newWidth; x++) {
        for (let c = 0; c < 3; c++) {
          const expected = triangle(image, newWidth, newHeight, x, y, c)
          assert.ok(Math.abs((rgb[(y * newWidth + x) * 3 + c] ?? -9) - expected) <= 1)
        }
      }
    }
  }
})

it("copies when the size stays and refuses sizes that are none", () => {
  const image = picture(8, 6)
  const same = resize(image, 8, 6)
  assert.deepEqual(same.rgb, image.rgb)
  assert.notEqual(same.rgb, image.rgb)
  assert.throws(() => resize(image, 0, 5), /whole numbers/)
  assert.throws(() => resize(image, 5.5, 5), /whole numbers/)
})

/** Weighted mean over the whole source at once, straight from the definition. */
function triangle(image: RgbImage, newWidth: number, newHeight: number, x: number, y: number, c: number): number {
  const weight = (from: number, to: number, output: number, source: number): number => {
    const scale = from / to
    const distance = Math.abs(source + 0.5 - (output + 0.5) * scale) / Math.max(scale, 1)
    return Math.max(0, 1 - distance)
  }
  let sum = 0
  let total = 0
  for (let v = 0; v < image.height; v++) {
    const vertical = weight(image.height, newHeight, y, v)
    if (vertical === 0) continue
    for (let u = 0; u < image.width; u++) {
      const w = vertical * weight(image.width, newWidth, x, u)
      sum += w * (image.rgb[(v * image.width + u) * 3 + c] ?? 0)
      total += w
    }
  }
  return sum / total
}

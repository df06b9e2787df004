import assert from "node:assert/strict"
import { it } from "node:test"
import sharp from "sharp"
import { coloursOf, latentPreviews, stableDiffusionColours } from "./latentPreview.ts"

/** A decoder of two channels: the first is brightness over a dark ground, the second is red. */
const decode = async ([light = 0, red = 0]: readonly number[]) =>
  Float32Array.from({ length: 12 }, (_, i) => -0.5 + light + (i < 4 ? red / 2 : 0))

it("learns from the decoder what each channel means", async () => {
  assert.deepEqual(await coloursOf(2, decode), {
    ground: [-0.5, -0.5, -0.5],
    channels: [
      [1, 1, 1],
      [0.5, 0, 0],
    ],
  })
})

it("shows latents in the decoder's colours, and none of another shape", async () => {
  const preview = latentPreviews(2, 2, await coloursOf(2, decode))
  assert.equal(await preview(new Float32Array(4)), undefined)
  // Brightness 0.5 everywhere, red 1 everywhere: (1, 0.5, 0.5) · 127.5.
  const url = await preview(Float32Array.from([0.5, 0.5, 0.5, 0.5, 1, 1, 1, 1]))
  const jpeg = Buffer.from((url ?? "").replace("data:image/jpeg;base64,", ""), "base64")
  const [red = 0, green = 0, blue = 0] = await sharp(jpeg).raw().toBuffer()
  for (const [got, wanted] of [
    [red, 191],
    [green, 128],
    [blue, 128],
  ] as const)
    assert.ok(Math.abs(got - wanted) < 8, `${got} is not ${wanted}`)
  assert.equal(await preview(new Float32Array(8)), undefined, "the last one is fresh")
})

it("knows the four channels of Stable Diffusion", () => {
  assert.equal(stableDiffusionColours.channels.length, 4)
})

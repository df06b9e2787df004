import assert from "node:assert/strict"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, test } from "node:test"
import { generationConfig } from "@fjord/contracts"
import sharp from "sharp"
import { writeTinyFamily } from "./formats/tinyFamilies.fixture.ts"
import { loadStableDiffusion } from "./stableDiffusion.ts"
import { textToImage } from "./textToImage.ts"

const root = await mkdtemp(join(tmpdir(), "fjord-text-to-image-"))
after(() => rm(root, { recursive: true, force: true }))
const directory = join(root, "model")
// Pixels per latent as in Stable Diffusion, and a UNet that halves the latents twice.
await writeTinyFamily("sd1", directory, {
  unet: {
    block_out_channels: [32, 64, 64],
    down_block_types: ["CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"],
    up_block_types: ["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"],
  },
  vae: {
    block_out_channels: [16, 16, 32, 32],
    down_block_types: new Array(4).fill("DownEncoderBlock2D"),
    up_block_types: new Array(4).fill("UpDecoderBlock2D"),
  },
})

let count = 0
async function make(options: object): Promise<Buffer[]> {
  const out = join(root, `images-${count++}`)
  const files: string[] = []
  const config = { model: directory, prompt: "a photo of sks dog", steps: 3, threads: 1, ...options, out }
  for await (const event of textToImage(generationConfig.parse(config)))
    if (event.type === "ImageSaved") files.push(event.file)
  return Promise.all(files.map((file) => readFile(file)))
}

test("any multiple of 8 is a size, also where the latents can be halved no more", async () => {
  for (const [width, height] of [
    [72, 88],
    [88, 8],
    [104, 56],
  ] as const) {
    const [png] = await make({ width, height })
    const { width: wide, height: high } = await sharp(png).metadata()
    assert.deepEqual([wide, high], [width, height])
    const { channels } = await sharp(png).stats()
    assert.ok(
      channels.every(({ stdev }) => stdev > 0),
      "the picture is not of one colour",
    )
  }
})

test("what a PNG says of itself makes the same bytes again", async () => {
  const made = await make({
    width: 72,
    height: 64,
    numImages: 2,
    seed: 40,
    negativePrompt: "blurry",
    guidanceScale: 3.5,
    scheduler: "euler_ancestral",
  })
  for (const png of made) {
    const { comments } = await sharp(png).metadata()
    const { text = "{}" } = comments?.find(({ keyword }) => keyword === "fjord") ?? {}
    const { prompt, negativePrompt, steps, guidanceScale, scheduler, seed, width, height } = JSON.parse(text)
    const [again] = await make({ prompt, negativePrompt, steps, guidanceScale, scheduler, seed, width, height })
    assert.ok(again?.equals(png), `seed ${seed}`)
  }
})

test("what a generation does before its steps and after them is told, for each image", async () => {
  const config = { model: directory, prompt: "x", steps: 2, threads: 1, numImages: 2, width: 64, height: 64 }
  const out = join(root, "told")
  const events = await Array.fromAsync(textToImage(generationConfig.parse({ ...config, out })))
  const told = events.map((event) => (event.type === "PhaseProgressed" ? event.phase : event.type))
  const image = ["DenoisingStep", "DenoisingStep", "image", "ImageSaved"]
  assert.deepEqual(told, ["model", "checksum", "prompts", "network", ...image, ...image])
})

test("a UNet that wants more than latents is refused with a sentence", async () => {
  const inpainting = join(root, "inpainting")
  await writeTinyFamily("sd1", inpainting, { unet: { in_channels: 9 } })
  await assert.rejects(loadStableDiffusion(inpainting), /takes 9 channels and gives 4, but its VAE makes latents of 4/)
})

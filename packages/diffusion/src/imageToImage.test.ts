import assert from "node:assert/strict"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, test } from "node:test"
import { generationConfig, schedulerNames } from "@fjord/contracts"
import { openSafetensors, readFloat32 } from "@fjord/engine"
import { writeTinyFamily } from "./formats/tinyFamilies.fixture.ts"
import { decodeImage } from "./images/decodeImage.ts"
import { encodePng } from "./images/encodePng.ts"
import { encodeInitImage, readInitImage, sizeOfImage } from "./initImage.ts"
import { newModel } from "./models/newModel.ts"
import { TorchGenerator } from "./random/torchGenerator.ts"
import { loadStableDiffusion, samplingScheduler, unetProgram, untuned } from "./stableDiffusion.ts"
import { textConditions } from "./textConditions.ts"
import { textToImage } from "./textToImage.ts"

const root = await mkdtemp(join(tmpdir(), "fjord-img2img-"))
after(() => rm(root, { recursive: true, force: true }))
const directory = join(root, "model")
await newModel("tiny", directory, 1)
const model = await loadStableDiffusion(directory)
const machine = { provider: "cpu", threads: 1 } as const

async function picture(name: string, width: number, height: number): Promise<string> {
  const rgb = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)]
    return 128 + 100 * Math.sin((x * (1 + (i % 3))) / 9 + y / 7)
  })
  const file = join(root, name)
  await writeFile(file, await encodePng({ width, height, rgb }, {}))
  return file
}
const initImage = await picture("start.png", 48, 32)
const [height, width] = [32 / model.scaleFactor, 48 / model.scaleFactor]
const sizes = { native: 32, multiple: model.scaleFactor }

let count = 0
async function make(options: object, folder = directory) {
  const out = join(root, `images-${count++}`)
  const saveLatents = join(out, "latents.safetensors")
  const all = { model: folder, prompt: "a photo of sks dog", steps: 4, threads: 1, initImage, ...options }
  const files: string[] = []
  const totals = new Set<number>()
  for await (const event of textToImage(generationConfig.parse({ ...all, saveLatents, out }))) {
    if (event.type === "ImageSaved") files.push(event.file)
    if (event.type === "DenoisingStep") totals.add(event.total)
  }
  return { files, totals, latents: await readFloat32(await openSafetensors(saveLatents), "latents") }
}

function distance(a: Float32Array, b: Float32Array): number {
  return Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? Number.NaN)))) / Math.max(...b.map(Math.abs))
}

test("every scheduler makes the last steps of its run, and the same seed makes the same bytes", async () => {
  for (const scheduler of schedulerNames) {
    const first = await make({ scheduler, strength: 0.6 })
    assert.ok(first.latents.every(Number.isFinite), scheduler)
    const calls = { heun: 3, dpm2: 3, pndm: 3 }[scheduler as "heun"] ?? 2
    assert.deepEqual([...first.totals], [calls], scheduler)
  }
  const [one, again] = [await make({ strength: 0.6 }), await make({ strength: 0.6 })]
  assert.deepEqual(await readFile(again.files[0] ?? ""), await readFile(one.files[0] ?? ""))
})

/** The picture's latents, and the noise that follows, as `seed` draws them. */
async function drawn(seed: number) {
  const { mean, standardDeviation } = await encodeInitImage(model, await readInitImage(initImage, {}, sizes), machine)
  const generator = new TorchGenerator(seed)
  const [posterior, noise] = [generator.randn(mean.length), generator.randn(mean.length)]
  const original = mean.map(
    (value, i) => (value + (standardDeviation[i] ?? 0) * (posterior[i] ?? 0)) * model.vaeConfig.scaling_factor,
  )
  return { original, noise }
}

test("strength 1 is the first timestep of all, its noise the second draw of the seed after the posterior's", async () => {
  const { latents: made } = await make({ strength: 1, steps: 2, scheduler: "euler", guidanceScale: 1, seed: 7 })
  const { original, noise } = await drawn(7)
  const scheduler = samplingScheduler(model, "euler")
  scheduler.setTimesteps(2)
  let latents = scheduler.addNoise(original, noise, scheduler.timesteps.slice(0, 1))
  const [condition] = await textConditions(model, ["a photo of sks dog"], untuned, machine)
  const unet = await unetProgram(model, { batch: 1, height, width, tokens: 77 }, untuned, machine)
  for (const timestep of scheduler.timesteps) {
    const sample = scheduler.scaleModelInput(latents, timestep)
    const inputs = { sample, timesteps: Float32Array.of(timestep), context: condition?.states ?? new Float32Array() }
    const { prediction } = await unet.run(inputs)
    latents = scheduler.step(prediction as Float32Array, timestep, latents, () => assert.fail("noise was drawn"))
  }
  await unet.release()
  assert.ok(distance(made, latents) < 1e-5, `${distance(made, latents)}`)
})

test("with little strength the decoder is given what the encoder gave of the picture, with much it is not", async () => {
  const { original } = await drawn(42)
  const far = async (steps: number, strength: number) => {
    const { latents } = await make({ steps, strength, scheduler: "ddim" })
    return distance(latents, original)
  }
  const [little, much] = [await far(1000, 0.001), await far(4, 1)]
  assert.ok(little < 0.25 && much > 20 * little, `${little}, ${much}`)
})

test("Stable Diffusion XL starts from a picture too", async () => {
  const folder = join(root, "sdxl")
  await writeTinyFamily("sdxl", folder)
  const one = await make({ strength: 0.5 }, folder)
  const other = await make({ strength: 0.5, initImage: await picture("other.png", 48, 32) }, folder)
  assert.ok(one.latents.every(Number.isFinite))
  assert.deepEqual(other.latents, one.latents)
  assert.ok(distance((await make({ strength: 0.5, seed: 43 }, folder)).latents, one.latents) > 1e-3)
})

test("the image has the picture's size in the model's multiples, or what is asked for", () => {
  const size = (width: number, height: number, asked: { width?: number; height?: number } = {}) => {
    const { shrunk, ...rest } = sizeOfImage({ width, height }, asked, { native: 512, multiple: 8 })
    return [rest.width, rest.height, shrunk]
  }
  assert.deepEqual(size(515, 767), [512, 760, false])
  assert.deepEqual(size(800, 600, { width: 400 }), [400, 296, false])
  assert.deepEqual(size(800, 600, { height: 600 }), [800, 600, false])
  assert.deepEqual(size(800, 600, { width: 512, height: 512 }), [512, 512, false])
  assert.deepEqual(size(1024, 1024), [1024, 1024, false])
  assert.deepEqual(size(4032, 3024), [1176, 880, true])
  assert.deepEqual(size(16, 9), [16, 8, false])
})

test("a picture of another size is resized, the settings are in the file, and its bytes are those of image i's seed", async () => {
  const large = await picture("large.png", 101, 67)
  const { files } = await make({ initImage: large, width: 40, height: 24, strength: 0.5, numImages: 2 })
  const bytes = await readFile(files[1] ?? "")
  const { width: w, height: h } = await decodeImage(bytes, { minSide: 8 })
  assert.deepEqual([w, h], [40, 24])
  const text = bytes.toString("latin1")
  assert.match(text, /Model hash: [0-9a-f]{10}, Denoising strength: 0\.5, Version/)
  assert.match(text, /"initImage":\{"file":"large\.png","sha256":"[0-9a-f]{64}"\},"strength":0\.5/)
  const alone = await make({ initImage: large, width: 40, height: 24, strength: 0.5, seed: 43 })
  assert.deepEqual(await readFile(alone.files[0] ?? ""), bytes)
})

test("a text, a missing file and a strength without a step are refused with a sentence", async () => {
  const notes = join(root, "notes.png")
  await writeFile(notes, "My shopping list: bread, milk, and a picture frame.")
  await assert.rejects(
    make({ initImage: notes }),
    /^ImageError: notes\.png is not a picture of a known kind; save it as/,
  )
  await assert.rejects(make({ initImage: join(root, "no.png") }), /no\.png does not exist/)
  await assert.rejects(make({ strength: 0.2 }), /strength 0\.2 of 4 steps is less than one step: give at least 5 steps/)
})

import assert from "node:assert/strict"
import { mkdtemp, readFile, rm, stat } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { type TrainingOptions, trainingConfig } from "@fjord/contracts"
import { newModel } from "../models/newModel.ts"
import { loadStableDiffusion, machineOf, type StableDiffusion } from "../stableDiffusion.ts"
import { generateClassImages } from "./classImages.ts"

let root = ""
let model: StableDiffusion
before(async () => {
  root = await mkdtemp(join(tmpdir(), "fjord-class-images-"))
  await newModel("tiny", join(root, "model"), 1)
  model = await loadStableDiffusion(join(root, "model"))
})
after(() => rm(root, { recursive: true, force: true }))

const fileOf = (folder: string, i: number) => join(root, folder, `class-0000${i}.png`)

async function generate(folder: string, options: Partial<TrainingOptions> = {}): Promise<number> {
  const config = trainingConfig.parse({
    model: join(root, "model"),
    instanceImages: root,
    instancePrompt: "a photo of sks toy",
    withPriorPreservation: true,
    classPrompt: "a photo of a toy",
    classImages: join(root, folder),
    numClassImages: 2,
    output: join(root, "output"),
    resolution: 64,
    validationInferenceSteps: 2,
    threads: 1,
    ...options,
  })
  const events = await Array.fromAsync(generateClassImages(model, config, machineOf(config)))
  return events.filter(({ type }) => type === "ClassImageGenerated").length
}

test("class images are guided as class_guidance_scale says, whatever guides the samples", async () => {
  await generate("usual")
  await generate("samples", { validationGuidanceScale: 1 })
  await generate("unguided", { classGuidanceScale: 1 })
  const [usual, samples, unguided] = await Promise.all(
    ["usual", "samples", "unguided"].map((folder) => readFile(fileOf(folder, 0))),
  )
  assert.ok(usual?.equals(samples as Buffer))
  assert.ok(!usual?.equals(unguided as Buffer))
})

test("what is missing is made with its own seed, what is there is kept", async () => {
  await generate("topped")
  const [kept, lost] = [await stat(fileOf("topped", 0)), await readFile(fileOf("topped", 1))]
  await rm(fileOf("topped", 1))
  assert.equal(await generate("topped"), 1)
  assert.ok(lost.equals(await readFile(fileOf("topped", 1))))
  assert.equal((await stat(fileOf("topped", 0))).mtimeMs, kept.mtimeMs)
  assert.equal(await generate("topped"), 0)
})

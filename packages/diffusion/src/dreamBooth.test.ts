import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { type FjordEvent, phaseText, type TrainingOptions, trainingConfig } from "@fjord/contracts"
import { openSafetensors } from "@fjord/engine"
import { latestCheckpoint, loadCheckpoint } from "./checkpoint.ts"
import { runInChild } from "./compute/runInChild.ts"
import { dreamBooth } from "./dreamBooth.ts"
import { encodePng } from "./images/encodePng.ts"
import { newModel } from "./models/newModel.ts"
import { TorchGenerator } from "./random/torchGenerator.ts"

let root = ""
before(async () => {
  root = await mkdtemp(join(tmpdir(), "fjord-dreambooth-"))
  await newModel("tiny", join(root, "model"), 1)
  await mkdir(join(root, "pictures"))
  const generator = new TorchGenerator(3)
  for (let i = 0; i < 3; i++) {
    const rgb = Uint8Array.from(generator.randint(0, 256, 80 * 72 * 3))
    await writeFile(join(root, "pictures", `${i}.png`), await encodePng({ width: 80, height: 72, rgb }))
  }
})
after(() => rm(root, { recursive: true, force: true }))

function config(output: string, options: Partial<TrainingOptions> = {}) {
  return trainingConfig.parse({
    model: join(root, "model"),
    instanceImages: join(root, "pictures"),
    instancePrompt: "a photo of sks toy",
    output: join(root, output),
    resolution: 64,
    maxTrainSteps: 5,
    checkpointingSteps: 2,
    validationInferenceSteps: 2,
    validationScheduler: "ddim",
    learningRate: 1e-3,
    threads: 1,
    ...options,
  })
}

async function train(...args: Parameters<typeof dreamBooth>): Promise<FjordEvent[]> {
  return Array.fromAsync(dreamBooth(...args))
}

/** sha256 of every file of a finished run, checkpoints and samples left out. */
async function resultHashes(output: string): Promise<Record<string, string>> {
  const folder = join(root, output)
  const names = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = names.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  const hashes: Record<string, string> = {}
  for (const file of files.sort()) {
    const name = file.slice(folder.length + 1)
    if (/^(checkpoints|samples)/.test(name)) continue
    hashes[name] = createHash("sha256")
      .update(await readFile(file))
      .digest("hex")
  }
  return hashes
}

const everything: Partial<TrainingOptions> = {
  method: "full",
  trainTextEncoder: true,
  use8bitAdam: true,
  withPriorPreservation: true,
  classPrompt: "a photo of a toy",
  numClassImages: 2,
  randomFlip: true,
  snrGamma: 5,
  noiseOffset: 0.1,
  gradientAccumulationSteps: 2,
  lrScheduler: "cosine",
  validationPrompts: ["a photo of sks toy"],
  validationSteps: 2,
}

for (const [name, options] of Object.entries({ "a LoRA run": {}, "a full run with every option": everything }))
  test(`${name} that is killed at random moments and resumed ends with the same bytes as one that was not`, async () => {
    const label = name.includes("LoRA") ? "lora" : "full"
    const withClasses = (output: string) =>
      config(output, { ...options, ...(label === "full" && { classImages: join(root, `${output}-class`) }) })
    await train(withClasses(`${label}-whole`))
    const output = `${label}-killed`
    let kills = 0
    for (let finished = false; !finished; ) {
      // The child dies by SIGKILL when its listener leaves; the moments differ from run to run.
      const patience = kills < 4 ? 200 + Math.random() * 2500 : Number.POSITIVE_INFINITY
      const begin = performance.now()
      for await (const event of runInChild({ kind: "train", config: withClasses(output), resume: true })) {
        finished = event.type === "RunFinished"
        if (!finished && performance.now() - begin > patience) break
      }
      if (!finished) kills++
    }
    assert.deepEqual(await resultHashes(output), await resultHashes(`${label}-whole`))
  })

test("the same run twice gives the same bytes, and another seed gives others", async () => {
  await train(config("first"))
  await train(config("second"))
  await train(config("third", { seed: 7 }))
  const lora = "pytorch_lora_weights.safetensors"
  assert.deepEqual(await resultHashes("first"), await resultHashes("second"))
  assert.notEqual((await resultHashes("third"))[lora], (await resultHashes("first"))[lora])
})

test("the loss falls when one picture is learnt with a high rate", async () => {
  const events = await train(
    config("learns", { method: "full", maxTrainSteps: 30, learningRate: 2e-3, checkpointingSteps: 100 }),
  )
  const losses = events.flatMap((event) => (event.type === "StepFinished" ? [event.loss] : []))
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  assert.ok(mean(losses.slice(-8)) < 0.9 * mean(losses.slice(0, 8)), `${losses}`)
})

test("a stopped run saves the last whole step, and going on gives the same bytes", async () => {
  await train(config("unstopped"))
  const stop = new AbortController()
  const run = async () => {
    for await (const event of dreamBooth(config("stopped"), { signal: stop.signal }))
      if (event.type === "StepFinished" && event.step === 3) stop.abort()
  }
  await assert.rejects(run(), { name: "AbortError" })
  const events = await train(config("stopped"), { resume: true })
  assert.deepEqual(
    events.find(({ type }) => type === "RunStarted"),
    { type: "RunStarted", steps: 5, resumedFrom: 3 },
  )
  assert.deepEqual(await resultHashes("stopped"), await resultHashes("unstopped"))
})

test("a run tells what it does before the first step, between steps and after the last, with counts", async () => {
  const told = await train(
    config("phases", {
      withPriorPreservation: true,
      classPrompt: "a photo of a toy",
      classImages: join(root, "phases-class"),
      numClassImages: 2,
      validationPrompts: ["a photo of sks toy"],
      validationSteps: 2,
      maxTrainSteps: 3,
    }),
  )
  // How small the pictures are is told, too, and each class picture's file.
  const events = told.filter(({ type }) => type !== "Message" && type !== "ClassImageGenerated")
  const words = events.map((event) => (event.type === "PhaseProgressed" ? phaseText(event) : event.type))
  const seen = words.filter((text, i) => text !== words[i - 1])
  assert.deepEqual(seen, [
    "Loading the model",
    "Drawing class pictures, 0 of 2",
    "Drawing class pictures, 1 of 2",
    "Drawing class pictures, 2 of 2",
    "Reading the pictures, 0 of 3",
    "Reading the pictures, 1 of 3",
    "Reading the pictures, 2 of 3",
    "Reading the pictures, 0 of 2",
    "Reading the pictures, 1 of 2",
    "Checking the model's files",
    "Encoding the prompts",
    "Building the network",
    "MemoryEstimated",
    "RunStarted",
    "Drawing samples, 0 of 1",
    "Drawing samples, 1 of 1",
    "SampleRendered",
    "Making the first step, the slowest",
    "StepFinished",
    "Saving a checkpoint",
    "CheckpointSaved",
    "Drawing samples, 0 of 1",
    "Drawing samples, 1 of 1",
    "SampleRendered",
    "Training",
    "StepFinished",
    "Drawing samples, 0 of 1",
    "Drawing samples, 1 of 1",
    "SampleRendered",
    "Writing the model",
    "RunFinished",
  ])
})

test("a loss that is not finite stops the run and names the settings that cause it", async () => {
  await newModel("tiny", join(root, "damaged"), 1)
  const file = join(root, "damaged", "unet", "diffusion_pytorch_model.safetensors")
  const bytes = await readFile(file)
  bytes.writeFloatLE(Number.NaN, bytes.length - 4)
  await writeFile(file, bytes)
  await assert.rejects(
    train(config("diverges", { model: join(root, "damaged") })),
    /step 1 is not a finite number.*learning_rate/,
  )
})

test("one that is not finite at a late step leaves the checkpoints before it, and resumed it stops there again", async () => {
  await newModel("tiny", join(root, "poisoned"), 1)
  // The word of the last picture alone has no finite vector.
  const vocabulary = JSON.parse(await readFile(join(root, "poisoned", "tokenizer", "vocab.json"), "utf8"))
  const encoder = await openSafetensors(join(root, "poisoned", "text_encoder", "model.safetensors"))
  const table = encoder.tensors.get("text_model.embeddings.token_embedding.weight") ?? assert.fail("no table")
  const bytes = await readFile(encoder.path)
  const rowBytes = table.byteLength / (table.shape[0] ?? 1)
  bytes.writeFloatLE(Number.POSITIVE_INFINITY, table.byteOffset + vocabulary["z</w>"] * rowBytes)
  await writeFile(encoder.path, bytes)
  const captioned = join(root, "captioned")
  await cp(join(root, "pictures"), captioned, { recursive: true })
  for (const [i, caption] of ["a toy", "a toy", "a toy z"].entries())
    await writeFile(join(captioned, `${i}.txt`), caption)
  const run = config("late", {
    model: join(root, "poisoned"),
    instanceImages: captioned,
    captions: true,
    shuffle: false,
  })
  for (const resume of [false, true])
    await assert.rejects(
      train(run, { resume }),
      /The loss of step 3 is not a finite number.*the last good checkpoint is that of step 2\..*ends the same way/,
    )
  assert.deepEqual(await readdir(run.output), ["checkpoints"])
  const { checkpoint } = await latestCheckpoint(run.output)
  const { trainable } = await loadCheckpoint(checkpoint ?? assert.fail("no checkpoint"))
  for (const [name, values] of trainable) assert.ok(values.every(Number.isFinite), name)
})

test("a run does not go on under other settings, and says which", async () => {
  await train(config("settings", { maxTrainSteps: 2 }))
  await assert.rejects(train(config("settings", { rank: 3 }), { resume: true }), /rank was 8 and is 3/)
})

test("a folder without a usable picture is refused with the reason for each file", async () => {
  await mkdir(join(root, "bad"), { recursive: true })
  await writeFile(join(root, "bad", "x.png"), "not a picture")
  await assert.rejects(
    train(config("none", { instanceImages: join(root, "bad") })),
    /no picture that can be trained on.*x\.png/s,
  )
})

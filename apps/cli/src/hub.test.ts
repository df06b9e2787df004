import assert from "node:assert/strict"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { encodePng } from "@fjord/diffusion"
import { parse } from "yaml"
import { type StandIn, startStandIn } from "../../../test/hub/standIn.ts"
import { fjord as runFjord } from "./commandLine.fixture.ts"

const folder = mkdtempSync(join(tmpdir(), "fjord-cli-hub-"))
let standIn: StandIn
before(async () => {
  standIn = await startStandIn()
})
after(async () => {
  await standIn.close()
  rmSync(folder, { recursive: true })
})

const fjord = (...args: string[]) => runFjord(args, { standIn, folder })

async function succeeds(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await fjord(...args)
  assert.equal(status, 0, stderr)
  return stdout
}

async function writePictures(): Promise<void> {
  mkdirSync(join(folder, "photos"))
  for (const value of [40, 200]) {
    const rgb = new Uint8Array(64 * 64 * 3).fill(value)
    const file = join(folder, "photos", `${value}.png`)
    writeFileSync(file, await encodePng({ width: 64, height: 64, rgb }))
  }
  writeFileSync(join(folder, "photos", "200.txt"), "a bright toy\n")
}

/** A file of a repository on the stand-in. */
function published(type: "model" | "dataset", id: string, path: string): Buffer {
  const file = standIn.repository(type, id)?.head("main")?.files.get(path)
  assert.ok(file, path)
  return readFileSync(standIn.world.blobs.path(file.lfs?.oid ?? file.oid))
}

test("pictures pushed and pulled are the same, with their captions", async () => {
  await writePictures()
  assert.match(await succeeds("push", "dataset", "photos", "anna/toys"), /Pushed: 2 pictures/)
  assert.match(await succeeds("push", "dataset", "photos", "anna/toys"), /Nothing to push, all is there/)
  assert.match(await succeeds("pull", "dataset", "anna/toys", "--out", "back"), /2 pictures, 1 with captions/)
  const names = readdirSync(join(folder, "back")).filter((name) => name.endsWith(".png"))
  const bytes = (from: string, files: string[]) => files.map((name) => readFileSync(join(folder, from, name)))
  // In the order of their names, code point by code point.
  assert.deepEqual(bytes("back", names), bytes("photos", ["200.png", "40.png"]))
  assert.match(readFileSync(join(folder, "back", "metadata.jsonl"), "utf8"), /a bright toy/)
})

test("the tutorial's file trains on ids of the Hub, and the run on the Hub makes the same images as here", async () => {
  await succeeds("new-model", "tiny", "base")
  await succeeds("push", "model", "base", "anna/tiny", "--license", "apache-2.0")
  standIn.addFile("model", "anna/extractor", "preprocessor_config.json", '{"size": 224}')
  writeFileSync(
    join(folder, "tutorial.yml"),
    `train_params:
  stable_diffusion_backbone: anna/tiny
  feature_extractor: anna/extractor
  hugging_face_image_store: anna/toys
  learning_rate: 2e-06
  max_train_steps: 1
  resolution: 64
  model_checkpoint_name: run
  concept_name: sks
  item_type: toy
`,
  )
  const events = (await succeeds("train", "tutorial.yml", "--json"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
  assert.equal(events.at(-1).type, "RunFinished")
  const origins = JSON.parse(readFileSync(join(folder, "run", "hub.json"), "utf8"))
  const head = (type: "model" | "dataset", id: string) => standIn.repository(type, id)?.head("main")?.oid
  assert.deepEqual(origins, {
    baseModel: { id: "anna/tiny", commit: head("model", "anna/tiny") },
    dataset: { id: "anna/toys", commit: head("dataset", "anna/toys") },
  })

  await succeeds("push", "model", "run", "anna/sks-toy")
  const extractor = "feature_extractor/preprocessor_config.json"
  const card = published("model", "anna/sks-toy", "README.md").toString("utf8")
  const { license, base_model, base_model_relation, instance_prompt, datasets } = parse(card.split(/^---$/m)[1] ?? "")
  assert.deepEqual(
    { license, base_model, base_model_relation, instance_prompt, datasets },
    {
      license: "apache-2.0",
      base_model: "anna/tiny",
      base_model_relation: "finetune",
      instance_prompt: "a photo of sks toy",
      datasets: ["anna/toys"],
    },
  )
  assert.equal(JSON.parse(String(published("model", "anna/sks-toy", extractor))).size, 224)
  assert.match(card, /\| learning rate \| `0.000002` \|/)

  // The command that the card tells its readers.
  const told = /^fjord (generate --model \S+) --prompt '?([^'\n]+?)'? --out images$/m.exec(card)
  assert.ok(told?.[1] !== undefined && told[2] !== undefined, card)
  const options = ["--prompt", told[2], "--steps", "2", "--width", "64", "--height", "64", "--threads", "1"]
  await succeeds(...told[1].split(" "), ...options, "--out", "from-hub")
  await succeeds("generate", "--model", "run", ...options, "--out", "from-here")
  assert.deepEqual(imageIn("from-hub"), imageIn("from-here"))
})

test("a LoRA on the Hub has its samples in the gallery and makes the same images by its id as by its file", async () => {
  const config = `model: anna/tiny
instance_images: photos
instance_prompt: a photo of sks toy
output: lora
resolution: 64
max_train_steps: 1
learning_rate: 0.01
validation_prompts: [a photo of sks toy at sea]
validation_steps: 1
validation_inference_steps: 1
`
  writeFileSync(join(folder, "lora.yml"), config)
  await succeeds("train", "lora.yml")
  await succeeds("push", "model", "lora", "anna/sks-lora", "--public", "--title", "A toy")
  assert.equal(standIn.repository("model", "anna/sks-lora")?.isPrivate, false)
  const card = published("model", "anna/sks-lora", "README.md").toString("utf8")
  const { widget, base_model_relation } = parse(card.split(/^---$/m)[1] ?? "")
  assert.equal(base_model_relation, "adapter")
  assert.deepEqual(widget, [
    { text: "a photo of sks toy at sea", output: { url: "images/step-1-prompt-0-seed-42.png" } },
  ])
  assert.ok(published("model", "anna/sks-lora", "images/step-1-prompt-0-seed-42.png").length > 0)
  assert.match(card, /pytorch_lora_weights_kohya.safetensors/)

  // The command that the card tells its readers, and the same with local files.
  const told = /^fjord (generate --model \S+ --lora \S+) --prompt/m.exec(card)?.[1] ?? assert.fail(card)
  const options = ["--prompt", "a toy", "--steps", "2", "--width", "64", "--height", "64", "--threads", "1"]
  await succeeds(...told.split(" "), ...options, "--out", "lora-from-hub")
  await succeeds("generate", "--config", "lora.yml", ...options, "--out", "lora-from-here")
  assert.deepEqual(imageIn("lora-from-hub"), imageIn("lora-from-here"))
})

/** The one image in a folder, texts and all. */
function imageIn(name: string): Buffer {
  const [image = ""] = readdirSync(join(folder, name)).filter((file) => file.endsWith(".png"))
  return readFileSync(join(folder, name, image))
}

test("a pulled model lies in the shared cache, or in a folder of its own", async () => {
  const [line = ""] = (await succeeds("pull", "model", "anna/tiny", "--json")).trim().split("\n").slice(-1)
  const { type, folder: snapshot, commit } = JSON.parse(line)
  assert.equal(type, "ModelPulled")
  assert.equal(snapshot, join(folder, "home", "hub", "models--anna--tiny", "snapshots", commit))
  await succeeds("pull", "model", "anna/tiny", "--revision", commit, "--out", "copy")
  assert.ok(existsSync(join(folder, "copy", "unet", "config.json")))
})

test("with --json push and pull print an object a line, the last of which says what came of it", async () => {
  const last = async (...args: string[]) => {
    const lines = (await succeeds(...args, "--json")).split("\n")
    assert.equal(lines.pop(), "", "ends with a whole line")
    return lines.map((line) => JSON.parse(line)).at(-1).type
  }
  assert.equal(await last("push", "dataset", "photos", "anna/json"), "DatasetPushed")
  assert.equal(await last("pull", "dataset", "anna/json", "--out", "json-back"), "DatasetPulled")
  await succeeds("new-model", "tiny", "json-base")
  assert.equal(await last("push", "model", "json-base", "anna/json-model", "--license", "apache-2.0"), "ModelPushed")
  assert.equal(await last("pull", "model", "anna/json-model", "--out", "json-model"), "ModelPulled")
})

test("what is neither here nor on the Hub is one sentence", async () => {
  const { status, stderr } = await fjord("generate", "--model", "anna/none", "--prompt", "x", "--out", "o")
  assert.equal(status, 1)
  assert.match(
    stderr,
    /^There is no folder anna\/none here, so it was looked for on the Hub. There is no anna\/none on .*\n$/,
  )
  const missing = await fjord("push", "model", "photos", "anna/x")
  assert.match(missing.stderr, /^photos holds no finished model: .*\n$/)
  const licence = await fjord("push", "model", "base", "anna/x")
  assert.match(licence.stderr, /^The licence follows from the base model, .*\n$/)
  mkdirSync(join(folder, "damaged"))
  for (const name of ["pytorch_lora_weights.safetensors", "training.json"])
    writeFileSync(join(folder, "damaged", name), "{")
  const damaged = await fjord("push", "model", "damaged", "anna/x", "--license", "mit")
  assert.match(damaged.stderr, /training\.json is not JSON, .*\n$/)
  assert.equal(standIn.repository("model", "anna/x"), undefined)
})

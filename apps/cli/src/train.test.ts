import assert from "node:assert/strict"
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, test } from "node:test"
import { fileURLToPath } from "node:url"
import { encodePng, newModel } from "@fjord/diffusion"

const folder = mkdtempSync(join(tmpdir(), "fjord-cli-train-"))
const running = new Set<ChildProcessWithoutNullStreams>()
after(() => {
  for (const child of running) child.kill("SIGKILL")
  rmSync(folder, { recursive: true })
})

const main = fileURLToPath(new URL("./main.ts", import.meta.url))
const { FJORD_DEBUG: _, ...env } = process.env

await newModel("tiny", join(folder, "model"), 1)
mkdirSync(join(folder, "photos"))
for (const i of [1, 2]) {
  const rgb = Uint8Array.from({ length: 256 * 256 * 3 }, (_, j) => (j * i * 37) % 251)
  writeFileSync(join(folder, "photos", `${i}.png`), await encodePng({ width: 256, height: 256, rgb }))
}

/** A running command, whose output can be waited for. */
class Running {
  readonly child: ChildProcessWithoutNullStreams
  readonly ended: Promise<number | null>
  stdout = ""
  stderr = ""
  #wake = () => {}

  constructor(...args: string[]) {
    this.child = spawn(process.execPath, [main, ...args], { cwd: folder, env })
    running.add(this.child)
    this.ended = new Promise((resolve) => {
      this.child.on("close", (code) => {
        running.delete(this.child)
        resolve(code)
        this.#wake()
      })
    })
    this.child.stdout.on("data", (text) => {
      this.stdout += text
      this.#wake()
    })
    this.child.stderr.on("data", (text) => {
      this.stderr += text
      this.#wake()
    })
  }

  /** Resolves when the output so far matches, rejects when the command ends before that. */
  async until(stream: "stdout" | "stderr", pattern: RegExp): Promise<void> {
    while (!pattern.test(this[stream])) {
      if (!running.has(this.child)) throw new Error(`ended without ${pattern}: ${this.stdout}\n${this.stderr}`)
      const woken = Promise.withResolvers<void>()
      this.#wake = woken.resolve
      await woken.promise
    }
  }

  events(type: string): Record<string, unknown>[] {
    const lines = this.stdout.split("\n").filter((line) => line.endsWith("}"))
    return lines.map((line) => JSON.parse(line)).filter((event) => event.type === type)
  }
}

const config = `model: model
instance_images: photos
instance_prompt: a photo of sks toy
output: run
resolution: 64
max_train_steps: 100000
checkpointing_steps: 100000
threads: 1
`

test("Ctrl-C saves a checkpoint, says how to go on and ends with 130; a second one stops at once", async () => {
  writeFileSync(join(folder, "config.yml"), config)
  const first = new Running("train", "config.yml", "--json")
  await first.until("stdout", /"StepFinished"/)
  first.child.kill("SIGINT")
  assert.equal(await first.ended, 130)
  assert.match(first.stderr, /Stopping and saving a checkpoint; Ctrl-C again stops at once\./)
  assert.match(first.stderr, /Stopped\. Go on with: fjord train config\.yml --resume\n$/)
  const [saved] = first.events("CheckpointSaved")
  assert.equal(saved?.step, first.events("StepFinished").at(-1)?.step)
  assert.ok(existsSync(join(folder, String(saved?.folder))))

  const second = new Running("train", "config.yml", "--resume", "--json")
  await second.until("stdout", /"StepFinished"/)
  assert.equal(second.events("RunStarted")[0]?.resumedFrom, saved?.step)
  second.child.kill("SIGINT")
  await second.until("stderr", /Ctrl-C again/)
  second.child.kill("SIGINT")
  assert.equal(await second.ended, 130)

  // Whatever the second one cut short, a whole checkpoint is there.
  const third = new Running("train", "config.yml", "--resume", "--json")
  await third.until("stdout", /"RunStarted"/)
  assert.ok(Number(third.events("RunStarted")[0]?.resumedFrom) >= Number(saved?.step))
  third.child.kill("SIGINT")
  assert.equal(await third.ended, 130)
})

const tutorial = `train_params:
  stable_diffusion_backbone: model
  feature_extractor: clip
  hugging_face_image_store: photos
  learning_rate: 2e-06
  max_train_steps: 1
  resolution: 64
  train_bs: 1
  grad_accum_steps: 1
  max_gradient_norm: 1.0
  sample_batch_size: 1
  model_checkpoint_name: fjords
  random_shuffle_train_set: True
  use_8bit_optimizer: False
  concept_name: sks
  item_type: toy
eval_params:
  image_save_path: images
  eval_prompt: a viking in a fjord
`

test("the tutorial's file leaves a pipeline with its feature extractor and a grid as JPEG", async () => {
  writeFileSync(join(folder, "tutorial.yml"), tutorial)
  mkdirSync(join(folder, "clip"))
  const broken = new Running("train", "tutorial.yml")
  assert.equal(await broken.ended, 1)
  assert.match(broken.stderr, /feature extractor is missing or unreadable: looked for clip.preprocessor_config\.json/)
  writeFileSync(join(folder, "clip", "preprocessor_config.json"), '{"size": 224}')
  const run = new Running("train", "tutorial.yml")
  assert.equal(await run.ended, 0, run.stderr)
  const index = JSON.parse(readFileSync(join(folder, "fjords", "model_index.json"), "utf8"))
  assert.deepEqual(index.feature_extractor, ["transformers", "CLIPImageProcessor"])
  const copied = join(folder, "fjords", "feature_extractor", "preprocessor_config.json")
  assert.equal(readFileSync(copied, "utf8"), '{"size": 224}')
  assert.ok(readdirSync(join(folder, "images")).includes("nginafjord.jpg"))
  const sheet = readFileSync(join(folder, "images", "nginafjord.jpg"))
  assert.deepEqual([...sheet.subarray(0, 3)], [0xff, 0xd8, 0xff])
})

import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { type TestContext, test } from "node:test"
import { fileURLToPath } from "node:url"
import { newModel } from "../packages/diffusion/src/models/newModel.ts"

const main = fileURLToPath(new URL("parity/main.ts", import.meta.url))

function parity(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { encoding: "utf8" })
  return { status, stderr, lines: stdout.trim().split("\n") }
}

async function referenceData(context: TestContext, files: Readonly<Record<string, unknown>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "fjord-parity-runner-"))
  context.after(() => rm(directory, { recursive: true, force: true }))
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true })
    await writeFile(join(directory, name), JSON.stringify(content))
  }
  return directory
}

const rates = (lr_used_at_step: Readonly<Record<string, readonly number[]>>) => ({
  base_lr: 0.5,
  num_warmup_steps: 2,
  num_training_steps: 4,
  num_cycles: 1,
  power: 1,
  lr_used_at_step,
})

test("a folder without reference data fails with a sentence and the counts in the last line", async (context) => {
  const empty = await referenceData(context, {})
  const nothing = parity(empty)
  assert.equal(nothing.status, 1)
  assert.match(
    nothing.stderr,
    /holds nothing to compare with for any section; is it the folder of the reference data\?/,
  )
  assert.match(nothing.lines.at(-1) ?? "", /^0 passed, 0 failed, \d+ skipped$/)
  assert.match(parity(join(empty, "absent")).stderr, /is no folder; give the folder of the reference data/)
  assert.match(parity(empty, "poetry").stderr, /no parity section poetry/)
  const other = await referenceData(context, { "novel/chapter.json": 1 })
  const { status, lines } = parity(other)
  assert.equal(status, 1, "skipping all is not passing")
  assert.ok(lines.includes("unread  novel  skipped: no section reads it"))
})

test("a wrong number fails, what is unknown is skipped by name, what is right passes", async (context) => {
  const right = { constant: [0.5, 0.5], constant_with_warmup: [0, 0.25, 0.5] }
  const parityOf = async (content: unknown) =>
    parity(await referenceData(context, { "training/lr_schedules.json": content }), "learningRate")
  const good = await parityOf(rates({ ...right, wavy: [1] }))
  assert.equal(good.status, 0)
  assert.equal(good.lines.at(-1), "2 passed, 0 failed, 1 skipped")
  assert.ok(
    good.lines.some((line) => line === "learningRate  learning rate wavy  skipped: this schedule is not implemented"),
  )
  const bad = await parityOf(rates({ ...right, constant: [0.5, 0.5000001] }))
  assert.equal(bad.status, 1)
  assert.equal(bad.lines.at(-1), "1 passed, 1 failed, 0 skipped")
})

test("what whole reference data has and this lacks is named, and what no section reads", async (context) => {
  const directory = await referenceData(context, {
    "training/lr_schedules.json": rates({ constant: [0.5] }),
    "training/sd1/inputs.safetensors": 1,
    "training/sd1/lora_r4/effect.safetensors": 1,
    "training/sd1/oddity.safetensors": 1,
    "e2e/index.json": { "sd1/ddim": {} },
    "e2e/sd1/euler.safetensors": 1,
    "rng/philox.json": 1,
    "pipelines/sd1/model_index.json": {},
    "README.md": "for people",
  })
  const { status, lines } = parity(directory, "learningRate", "absent", "unread")
  assert.equal(status, 0)
  const named = (section: string) =>
    lines.filter((line) => line.startsWith(section)).map((line) => line.split("  ")[1] ?? "")
  for (const name of [
    "rng/big.json",
    "schedulers/index.json",
    "forward/sd1/vae.safetensors",
    "e2e/sd1/ddim.safetensors",
  ])
    assert.ok(named("absent").includes(name), name)
  assert.ok(named("absent").includes("training/sd1/lora_r4/pytorch_lora_weights.safetensors"))
  assert.ok(!named("absent").some((name) => /lr_schedules|inputs\.safetensors|text_encoder_2/.test(name)))
  assert.deepEqual(named("unread"), ["e2e/sd1/euler.safetensors", "rng/philox.json", "training/sd1/oddity.safetensors"])
})

test("a model that is refused is skipped, a broken one fails, both by name, and the rest is compared", async (context) => {
  const directory = await referenceData(context, {
    "training/lr_schedules.json": rates({ constant: [0.5] }),
    "forward/broken/unet.safetensors": 1,
    "forward/homeless/unet.safetensors": 1,
    "forward/refused/unet.safetensors": 1,
    "pipelines/broken/model_index.json": {},
  })
  const refused = join(directory, "pipelines", "refused")
  await newModel("tiny", refused, 1)
  const path = join(refused, "unet", "config.json")
  const config: object = JSON.parse(await readFile(path, "utf8"))
  await writeFile(path, JSON.stringify({ ...config, resnet_time_scale_shift: "scale_shift" }))
  await writeFile(join(directory, "forward/refused/unet.safetensors"), emptySafetensors)
  const { status, lines } = parity(directory, "unet", "learningRate")
  assert.equal(status, 1)
  assert.equal(lines.at(-1), "1 passed, 1 failed, 2 skipped")
  assert.match(lines.join("\n"), /unet {2}unet\/broken {2}stopped: The model folder .* lacks unet/)
  assert.match(lines.join("\n"), /unet\/homeless {2}skipped: its pipeline is not in the reference data/)
  assert.match(
    lines.join("\n"),
    /unet\/refused {2}skipped: unet\/config.json .* resnet_time_scale_shift is "scale_shift"/,
  )
})

/** A header of two bytes, no tensors. */
const emptySafetensors = Buffer.from([2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7d])

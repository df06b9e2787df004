import assert from "node:assert/strict"
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { generationConfig, modelSettingsFile, parseModelSettings } from "@fjord/contracts"
import { textToImage } from "@fjord/diffusion"
import sharp from "sharp"
import { tinyArchitecture } from "./architecture.ts"
import { readLog } from "./log.ts"
import { type Recipe, trainStarter } from "./train.ts"

const recipe: Recipe = {
  seed: 3,
  threads: 1,
  autoencoder: { steps: 24, batch: 4, learningRate: 2e-3 },
  scenes: 16,
  scenesPerFile: 8,
  // One weight throughout: the loss is comparable from the first step to the last.
  denoiser: {
    steps: 24,
    batch: 8,
    learningRate: 2e-3,
    warmup: 4,
    cooling: 0.5,
    objectWeight: { first: 3, cooling: 3 },
  },
}

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "fjord-starter-"))
  await train("whole")
})
after(() => rm(folder, { recursive: true, force: true }))

/** Trains in a folder of its own; `stopAt` is the line of the log at which the signal comes. */
async function train(
  name: string,
  { stopAt, exportTo, from }: { stopAt?: string; exportTo?: string; from?: string } = {},
): Promise<void> {
  const stop = new AbortController()
  await trainStarter(tinyArchitecture, recipe, {
    directory: join(folder, name),
    from: from === undefined ? undefined : join(folder, from),
    exportTo: exportTo === undefined ? undefined : join(folder, exportTo),
    checkpointSeconds: 1000,
    logInterval: 1,
    sheetInterval: 0,
    say: (line) => {
      if (stopAt !== undefined && line.startsWith(stopAt)) stop.abort(new Error("stopped"))
    },
    signal: stop.signal,
  })
}

async function filesOf(directory: string): Promise<Map<string, Buffer>> {
  const names = (await readdir(join(folder, directory), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  return new Map(
    await Promise.all(
      names.map(async (name) => [name.slice(join(folder, directory).length), await readFile(name)] as const),
    ),
  )
}

test("a training stopped in each of its stages and taken up again ends in the same bytes", async () => {
  for (const stopAt of ["autoencoder 7:", "latents: 8 of", "denoiser 5:"])
    await assert.rejects(train("stopped", { stopAt }), /stopped/)
  await train("stopped")
  const [whole, stopped] = [await filesOf("whole/snapshot"), await filesOf("stopped/snapshot")]
  assert.deepEqual([...stopped.keys()].sort(), [...whole.keys()].sort())
  for (const [name, bytes] of whole) {
    if (!name.endsWith(".safetensors")) assert.equal(`${stopped.get(name)}`, `${bytes}`)
    else assert.ok(stopped.get(name)?.equals(bytes), `${name} differs`)
  }
  for (const stage of ["autoencoder", "denoiser"]) {
    const losses = async (run: string) =>
      (await readLog(join(folder, run, `${stage}.jsonl`))).map(({ step, loss }) => [step, loss])
    assert.deepEqual(await losses("stopped"), await losses("whole"))
  }
})

test("the losses of both stages fall", async () => {
  for (const stage of ["autoencoder", "denoiser"]) {
    const losses = (await readLog(join(folder, "whole", `${stage}.jsonl`))).map(({ loss }) => loss)
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
    assert.equal(losses.length, 24)
    assert.ok(mean(losses.slice(-6)) < 0.95 * mean(losses.slice(0, 6)), `${stage}: ${losses}`)
  }
})

test("the exported folder is a model that makes pictures and says which settings suit it", async () => {
  const out = join(folder, "pictures")
  const model = join(folder, "whole", "snapshot")
  const config = generationConfig.parse({ model, prompt: "a photo of a red boat", steps: 3, threads: 1, out })
  const sizes: unknown[] = []
  for await (const event of textToImage(config)) {
    if (event.type !== "ImageSaved") continue
    const { width, height } = await sharp(await readFile(event.file)).metadata()
    sizes.push([width, height])
  }
  assert.deepEqual(sizes, [[16, 16]])
  const { generation } = parseModelSettings(JSON.parse(await readFile(join(model, modelSettingsFile), "utf8")))
  assert.equal(generation.guidanceScale, 4)
})

test("an export in between is what the checkpoints hold, and trains nothing", async () => {
  await assert.rejects(train("early", { stopAt: "denoiser 5:" }), /stopped/)
  await train("early", { exportTo: "exported" })
  assert.ok((await filesOf("exported")).has("/model_index.json"))
  const steps = (await readLog(join(folder, "early", "denoiser.jsonl"))).map(({ step }) => step)
  assert.equal(Math.max(...steps), 5)
})

test("a training that begins with a model keeps its autoencoder and goes on with the rest", async () => {
  await train("continued", { from: "whole/snapshot" })
  const [whole, continued] = [await filesOf("whole/snapshot"), await filesOf("continued/snapshot")]
  const same = (name: string) => whole.get(name)?.equals(continued.get(name) ?? Buffer.of())
  assert.ok(same("/vae/diffusion_pytorch_model.safetensors"))
  assert.ok(!same("/unet/diffusion_pytorch_model.safetensors"))
  assert.equal((await readLog(join(folder, "continued", "denoiser.jsonl"))).length, 24)
})

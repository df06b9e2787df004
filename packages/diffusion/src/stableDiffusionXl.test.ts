import assert from "node:assert/strict"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, test } from "node:test"
import { generationConfig, trainingConfig } from "@fjord/contracts"
import { openSafetensors, readFloat32, writeSafetensors } from "@fjord/engine"
import { dreamBooth } from "./dreamBooth.ts"
import { exportCheckpoint } from "./formats/exportCheckpoint.ts"
import { importCheckpoint } from "./formats/importCheckpoint.ts"
import { mergeLoras } from "./formats/rewriteFolder.ts"
import { writeTinyFamily } from "./formats/tinyFamilies.fixture.ts"
import { loadStableDiffusion, untuned } from "./stableDiffusion.ts"
import { textConditions, withoutPrompt } from "./textConditions.ts"
import { textToImage } from "./textToImage.ts"

const root = await mkdtemp(join(tmpdir(), "fjord-xl-"))
after(() => rm(root, { recursive: true, force: true }))
const directory = join(root, "model")
await writeTinyFamily("sdxl", directory)

const tensor = (name: string, shape: readonly number[], seed: number) => ({
  name,
  dataType: "F32" as const,
  shape,
  data: Float32Array.from({ length: shape.reduce((n, m) => n * m, 1) }, (_, i) => 0.5 * Math.sin(seed * 7.3 + i)),
})

let count = 0
async function latents(model: string, options: object = {}): Promise<Float32Array> {
  const out = join(root, `images-${count++}`)
  const saveLatents = join(out, "latents.safetensors")
  const all = { model, prompt: "a photo of sks dog", steps: 3, threads: 1, ...options }
  for await (const event of textToImage(generationConfig.parse({ ...all, saveLatents, out }))) void event
  return readFloat32(await openSafetensors(saveLatents), "latents")
}

function distance(a: Float32Array, b: Float32Array): number {
  return Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? Number.NaN)))) / Math.max(...b.map(Math.abs))
}

const plain = await latents(directory)

test("an SDXL model makes images that follow the prompt, and are the same after a way through a single file", async () => {
  assert.ok(plain.every(Number.isFinite))
  const other = distance(await latents(directory, { prompt: "a painting of a cat" }), plain)
  assert.ok(other > 1e-3, `${other}`)
  const [file, imported] = [join(root, "xl.safetensors"), join(root, "imported")]
  await exportCheckpoint(directory, file)
  await importCheckpoint(file, imported, { tokenizer: directory })
  const index = join(imported, "model_index.json")
  const { force_zeros_for_empty_prompt: _, ...rest } = JSON.parse(await readFile(index, "utf8"))
  await writeFile(index, JSON.stringify(rest))
  assert.deepEqual(await latents(imported), plain)
})

test("a LoRA on the UNet and both text encoders does the same whether loaded or merged", async () => {
  const file = join(root, "lora.safetensors")
  const pair = (module: string, [out, into]: [number, number], seed: number) => [
    tensor(`${module}.lora_down.weight`, [2, into], seed),
    tensor(`${module}.lora_up.weight`, [out, 2], seed + 1),
  ]
  await writeSafetensors(file, [
    ...pair("lora_unet_down_blocks_1_attentions_0_transformer_blocks_1_attn2_to_k", [64, 64], 1),
    ...pair("lora_te1_text_model_encoder_layers_0_mlp_fc1", [64, 32], 3),
    ...pair("lora_te2_text_model_encoder_layers_1_self_attn_v_proj", [32, 32], 5),
  ])
  const loras = [{ file, weight: 0.7 }]
  const loaded = await latents(directory, { loras })
  assert.ok(distance(loaded, plain) > 1e-3)
  const merged = join(root, "merged")
  await mergeLoras(directory, merged, { loras })
  assert.ok(distance(await latents(merged), loaded) < 1e-4)
})

test("an embedding for both text encoders adds its word to both", async () => {
  const file = join(root, "style.safetensors")
  await writeSafetensors(file, [tensor("clip_l", [2, 32], 1), tensor("clip_g", [2, 32], 2)])
  const options = { prompt: "a photo of style", embeddings: [{ file }] }
  assert.ok(
    distance(await latents(directory, options), await latents(directory, { prompt: "a photo of style" })) > 1e-3,
  )
  const half = join(root, "half.safetensors")
  await writeSafetensors(half, [tensor("emb_params", [2, 32], 1)])
  await assert.rejects(
    latents(directory, { embeddings: [{ file: half }] }),
    /of 32 numbers, but this model's have 32 and/,
  )
})

test("no negative prompt is zeros where the model says so, the empty text elsewhere", async () => {
  const model = await loadStableDiffusion(directory)
  const machine = { provider: "cpu", threads: 1 } as const
  const [empty = { states: new Float32Array(), pooled: new Float32Array() }] = await textConditions(
    model,
    [""],
    untuned,
    machine,
  )
  assert.equal(empty.states.length, 77 * 64)
  assert.equal(empty.pooled.length, 32)
  assert.equal(withoutPrompt(model, empty), empty)
  const modelIndex = { ...model.folder.modelIndex, force_zeros_for_empty_prompt: true }
  const zeros = withoutPrompt({ ...model, folder: { ...model.folder, modelIndex } }, empty)
  assert.ok(zeros.states.every((value) => value === 0) && zeros.pooled.every((value) => value === 0))
})

test("training an SDXL model is refused in one sentence", async () => {
  const config = trainingConfig.parse({
    model: directory,
    instanceImages: root,
    instancePrompt: "a photo of sks toy",
    output: join(root, "run"),
  })
  await assert.rejects(
    Array.fromAsync(dreamBooth(config)),
    /is a Stable Diffusion XL model; Fjord trains 1\.x and 2\.x/,
  )
})

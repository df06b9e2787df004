import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, describe, test } from "node:test"
import { openSafetensors, readTensors, type TensorData, writeSafetensors } from "@fjord/engine"
import { type ModelFolder, openModelFolder, weightedComponents } from "../folder/modelFolder.ts"
import { loadClipTokenizer } from "../text/clipTokenizer.ts"
import { exportCheckpoint } from "./exportCheckpoint.ts"
import { importCheckpoint } from "./importCheckpoint.ts"
import { writeTinyFamily } from "./tinyFamilies.fixture.ts"

const root = await mkdtemp(join(tmpdir(), "fjord-checkpoint-"))
after(() => rm(root, { recursive: true, force: true }))

const hash = ({ dataType, shape, data }: TensorData) =>
  createHash("sha256")
    .update(`${dataType} ${shape}`)
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest("hex")

async function hashes(path: string): Promise<Record<string, string>> {
  return Object.fromEntries([...(await readTensors(path))].map(([name, tensor]) => [name, hash(tensor)]))
}

async function folderHashes(folder: ModelFolder): Promise<Record<string, string>> {
  const all: Record<string, string> = {}
  for (const { name, weightFiles } of weightedComponents(folder))
    for (const { path } of weightFiles.files)
      for (const [key, value] of Object.entries(await hashes(path))) all[`${name}.${key}`] = value
  return all
}

/** Keys that only the published form has, each of which says more than any other which family it is. */
const marks = {
  sd1: [
    "model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight",
    "model.diffusion_model.input_blocks.3.0.op.weight",
    "model.diffusion_model.output_blocks.2.1.conv.weight",
    "first_stage_model.decoder.up.1.block.0.conv1.weight",
    "first_stage_model.encoder.mid.attn_1.q.weight",
    "cond_stage_model.transformer.text_model.encoder.layers.0.self_attn.q_proj.weight",
  ],
  sd2: [
    "model.diffusion_model.output_blocks.1.1.conv.weight",
    "cond_stage_model.model.transformer.resblocks.0.attn.in_proj_weight",
    "cond_stage_model.model.positional_embedding",
  ],
  sdxl: [
    "model.diffusion_model.label_emb.0.2.weight",
    "model.diffusion_model.output_blocks.1.2.conv.weight",
    "conditioner.embedders.0.transformer.text_model.final_layer_norm.weight",
    "conditioner.embedders.1.model.text_projection",
    "conditioner.embedders.1.model.transformer.resblocks.2.mlp.c_fc.weight",
  ],
} as const

for (const family of ["sd1", "sd2", "sdxl"] as const) {
  describe(`a ${family} model`, async () => {
    const original = join(root, family)
    const file = join(root, `${family}.safetensors`)
    const imported = join(root, `${family}-imported`)
    await writeTinyFamily(family, original, { half: family === "sdxl" })
    await exportCheckpoint(original, file)

    test("has the published names in a single file", async () => {
      const { tensors, metadata } = await openSafetensors(file)
      for (const key of marks[family]) assert.ok(tensors.has(key), key)
      assert.deepEqual(
        [...tensors.keys()],
        [...tensors.keys()].toSorted((a, b) => (a < b ? -1 : 1)),
      )
      assert.equal(metadata["modelspec.prediction_type"], family === "sd2" ? "v" : "epsilon")
      assert.equal(metadata.format, "pt")
    })

    test("is the same after folder → single file → folder → single file", async () => {
      await importCheckpoint(file, imported, { tokenizer: original })
      const [before, after] = [await openModelFolder(original), await openModelFolder(imported)]
      assert.deepEqual(await folderHashes(after), await folderHashes(before))
      const again = join(root, `${family}-again.safetensors`)
      await exportCheckpoint(imported, again)
      assert.deepEqual(await hashes(again), await hashes(file))
      for (const component of weightedComponents(before)) {
        const other = weightedComponents(after).find(({ name }) => name === component.name)
        for (const key of ["attention_head_dim", "norm_num_groups", "num_attention_heads", "block_out_channels"])
          assert.deepEqual(other?.config[key], component.config[key], `${component.name}: ${key}`)
      }
      assert.equal(after.schedulerConfig.prediction_type ?? "epsilon", family === "sd2" ? "v_prediction" : "epsilon")
      const pad = async (directory: string) => (await loadClipTokenizer(directory)).padId
      assert.equal(await pad(after.tokenizerDirectory), await pad(before.tokenizerDirectory))
      if (after.tokenizer2Directory !== null) assert.equal(await pad(after.tokenizer2Directory), 0)
    })

    test("can be written in float16, and files of strangers need no metadata of ours", async () => {
      const half = join(root, `${family}-half.safetensors`)
      await exportCheckpoint(original, half, { dataType: "F16" })
      const tensors = await readTensors(half)
      assert.ok(tensors.values().every(({ dataType }) => dataType === "F16"))
      const bare = join(root, `${family}-bare.safetensors`)
      await writeSafetensors(
        bare,
        [...tensors].map(([name, tensor]) => ({ name, ...tensor })),
      )
      const directory = join(root, `${family}-bare`)
      const [unasked] = await Promise.allSettled([importCheckpoint(bare, directory, { tokenizer: original })])
      assert.match(String(unasked?.status === "rejected" && unasked.reason), /give a folder of the same architecture/)
      await importCheckpoint(bare, directory, { base: original })
      const opened = await openModelFolder(directory)
      assert.equal(opened.unet.weights.get("conv_in.weight")?.dataType, "F16")
    })
  })
}

describe("what is in single files beside the model", async () => {
  const original = join(root, "extras")
  const file = join(root, "extras.safetensors")
  await writeTinyFamily("sd1", original)
  await exportCheckpoint(original, file)
  const { metadata } = await openSafetensors(file)
  const tensors = [...(await readTensors(file))].map(([name, tensor]) => ({ name, ...tensor }))
  const extra = (name: string) => ({ name, dataType: "F32" as const, shape: [1], data: Float32Array.of(1) })
  let count = 0
  async function reading(change: (list: typeof tensors) => typeof tensors, options: object = { tokenizer: original }) {
    const path = join(root, `changed-${count}.safetensors`)
    await writeSafetensors(path, change(tensors), metadata)
    return importCheckpoint(path, join(root, `changed-${count++}`), options)
  }

  test("buffers are left out silently, averaged weights and strange tensors with a note", async () => {
    const names = ["betas", "model_ema.diffusion_modelinput_blocks00weight", "cond_stage_model.logit_scale", "what"]
    const { notes } = await reading((list) => [...list, ...names.map(extra)])
    assert.equal(notes.length, 2)
    assert.match(notes[0] ?? "", /1 averaged weights/)
    assert.match(notes[1] ?? "", /1 tensors of .* left out: what\./)
  })

  test("a missing weight, one of another shape and one of another type are named", async () => {
    const key = "model.diffusion_model.middle_block.0.in_layers.2.weight"
    await assert.rejects(
      reading((list) => list.filter(({ name }) => name !== key)),
      /1 weights are missing \(model\.diffusion_model\.middle_block\.0\.in_layers\.2\.weight\)/,
    )
    await assert.rejects(
      reading((list) => list.map((tensor) => (tensor.name === key ? { ...extra(key), shape: [1] } : tensor))),
      /1 have an unexpected shape/,
    )
    await assert.rejects(
      reading((list) =>
        list.map((tensor) =>
          tensor.name === key
            ? { ...tensor, dataType: "I64" as const, data: new BigInt64Array(tensor.data.length) }
            : tensor,
        ),
      ),
      /as I64; weights must be/,
    )
  })

  test("nothing is left behind by an import that fails, and nothing is overwritten", async () => {
    await assert.rejects(
      reading((list) => list, {}),
      /holds no tokenizer, as no single file does/,
    )
    const before = await readdir(root)
    await assert.rejects(importCheckpoint(file, original, { tokenizer: original }), /exists already/)
    const controller = new AbortController()
    const onProgress = () => controller.abort()
    const stopped = importCheckpoint(file, join(root, "stopped"), {
      tokenizer: original,
      onProgress,
      signal: controller.signal,
    })
    await assert.rejects(stopped, { name: "AbortError" })
    assert.deepEqual(await readdir(root), before)
  })

  test("pickles, damaged files and other architectures are refused by name", async () => {
    const into = join(root, "refused")
    const refused = async (name: string, message: RegExp) =>
      assert.rejects(importCheckpoint(join(root, name), into, { tokenizer: original }), message)
    await refused("model.ckpt", /is a pickle, which is never read/)
    await writeFile(join(root, "cut.safetensors"), (await readFile(file)).subarray(0, 100_000))
    await refused("cut.safetensors", /not a valid safetensors file/)
    const foreign = {
      "model.diffusion_model.joint_blocks.0.x": /Stable Diffusion 3/,
      "double_blocks.0.img_attn.qkv.weight": /FLUX/,
      "conditioner.embedders.0.model.ln_final.weight": /the refiner/,
      "something.else": /has no UNet/,
    }
    for (const [key, message] of Object.entries(foreign)) {
      await writeSafetensors(join(root, "foreign.safetensors"), [extra(key)])
      await refused("foreign.safetensors", message)
    }
  })

  test("a tokenizer with more tokens than the text encoder knows is refused", async () => {
    const other = join(root, "other-tokenizer")
    await writeTinyFamily("sd1", other)
    const path = join(other, "tokenizer", "vocab.json")
    const vocabulary = JSON.parse(await readFile(path, "utf8"))
    await writeFile(path, JSON.stringify({ ...vocabulary, another: Object.keys(vocabulary).length }))
    await assert.rejects(
      reading((list) => list, { tokenizer: join(other, "tokenizer") }),
      /tokens, the text encoder \d+; give the tokenizer/,
    )
  })
})

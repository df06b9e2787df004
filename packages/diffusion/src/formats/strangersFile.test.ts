/** Round trips that start from a file that Fjord has not written. */

import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, describe, test } from "node:test"
import { type NamedTensor, readTensors, type TensorData, writeSafetensors } from "@fjord/engine"
import { openModelFolder } from "../folder/modelFolder.ts"
import { smallTokenizer } from "../models/smallTokenizer.ts"
import type { Family } from "./checkpointKind.ts"
import { exportCheckpoint } from "./exportCheckpoint.ts"
import { importCheckpoint } from "./importCheckpoint.ts"
import { numbered, strangersModel } from "./strangersFile.fixture.ts"
import { writeTinyFamily } from "./tinyFamilies.fixture.ts"

const root = await mkdtemp(join(tmpdir(), "fjord-strangers-"))
after(() => rm(root, { recursive: true, force: true }))

const families = ["sd1", "sd2", "sdxl"] as const
const { vocabularySize: vocabulary } = smallTokenizer("!")
const folders = Object.fromEntries(families.map((family) => [family, join(root, family)])) as Record<Family, string>
for (const family of families) await writeTinyFamily(family, folders[family])

/** The heads of SD 1.x cannot be seen at this size; those of the others can. */
const optionsOf = (family: Family) =>
  family === "sd1" ? { base: folders.sd1 } : { tokenizer: join(folders[family], "tokenizer") }

/** OpenCLIP's last layer and projection, of which SD 2.x makes no use. */
const unused = /^cond_stage_model\.model\.(transformer\.resblocks\.2\.|text_projection$)/

const hash = ({ dataType, shape, data }: TensorData) =>
  createHash("sha256")
    .update(`${dataType} ${shape}`)
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest("hex")

const sorted = (tensors: Iterable<readonly [string, TensorData]>) =>
  new Map([...tensors].map(([name, tensor]) => [name, hash(tensor)] as const).sort(([a], [b]) => (a < b ? -1 : 1)))

let count = 0
/** Stranger's file → folder → single file. @returns the tensors at the end, and the notes of the import */
async function roundTrip(family: Family, tensors: readonly NamedTensor[], metadata?: Record<string, string>) {
  const place = join(root, `trip-${count++}`)
  const file = `${place}.safetensors`
  await writeSafetensors(file, tensors, metadata)
  const { notes } = await importCheckpoint(file, place, optionsOf(family))
  await exportCheckpoint(place, `${place}-back.safetensors`)
  return { tensors: sorted(await readTensors(`${place}-back.safetensors`)), notes, place }
}

const wanted = (tensors: readonly NamedTensor[]) =>
  sorted(tensors.filter(({ name }) => !unused.test(name)).map(({ name, ...tensor }) => [name, tensor] as const))

/** What training, merging and other programs leave in files beside the model. */
function extras(family: Family, model: readonly NamedTensor[]): NamedTensor[] {
  const averaged = model
    .filter(({ name }) => name.startsWith("model.diffusion_model."))
    .map(({ name, ...tensor }) => ({ ...tensor, name: `model_ema.${name.slice("model.".length).replaceAll(".", "")}` }))
  const schedule = [
    "betas",
    "alphas_cumprod",
    "alphas_cumprod_prev",
    "sqrt_alphas_cumprod",
    "log_one_minus_alphas_cumprod",
  ]
  const counter = (name: string) => ({ name, dataType: "I32" as const, shape: [], data: Int32Array.of(1) })
  const clip = { sd1: "cond_stage_model.transformer.", sd2: null, sdxl: "conditioner.embedders.0.transformer." }[family]
  const positions = BigInt64Array.from({ length: 77 }, (_, i) => BigInt(i))
  return [
    ...averaged,
    ...numbered([...schedule.map((name) => [name, [1000]] as const), ["model_ema.decay", []], ["logvar", [1000]]]),
    counter("model_ema.num_updates"),
    ...(clip === null
      ? []
      : [
          {
            name: `${clip}text_model.embeddings.position_ids`,
            dataType: "I64" as const,
            shape: [1, 77],
            data: positions,
          },
        ]),
  ]
}

for (const family of families)
  describe(`a stranger's ${family} file`, () => {
    for (const type of ["F32", "F16"] as const)
      test(`has the same tensors after single file → folder → single file, in ${type}`, async () => {
        const model = strangersModel(family, vocabulary, type)
        const { tensors, place } = await roundTrip(family, model)
        assert.deepEqual(tensors, wanted(model))
        // Spots that a table of names gets wrong first.
        const { unet, vae } = await openModelFolder(place)
        const bytes = (name: string) => model.find((tensor) => tensor.name === name)?.data
        for (const [key, original] of [
          ["down_blocks.1.resnets.0.conv_shortcut.weight", "input_blocks.4.0.skip_connection.weight"],
          ["down_blocks.0.downsamplers.0.conv.bias", "input_blocks.3.0.op.bias"],
          ["mid_block.resnets.1.time_emb_proj.weight", "middle_block.2.emb_layers.1.weight"],
          ["up_blocks.0.resnets.0.norm1.weight", "output_blocks.0.0.in_layers.0.weight"],
        ] as const) {
          const entry = unet.weights.get(key)
          assert.deepEqual(
            (await readTensors(entry?.file.path ?? "")).get(entry?.key ?? "")?.data,
            bytes(`model.diffusion_model.${original}`),
            key,
          )
        }
        const up = vae.weights.get("decoder.up_blocks.0.resnets.0.conv1.weight")
        const first = (await readTensors(up?.file.path ?? "")).get(up?.key ?? "")
        assert.deepEqual(first?.data, bytes("first_stage_model.decoder.up.1.block.0.conv1.weight"))
      })

    test("loses nothing of its model beside averaged weights, buffers, position_ids and tensors of others", async () => {
      const model = strangersModel(family, vocabulary)
      const strange = numbered([["some_tool.note", [3]]])
      const { tensors, notes } = await roundTrip(family, [...model, ...extras(family, model), ...strange], {
        other: "x",
      })
      assert.deepEqual(tensors, wanted(model))
      const unets = model.filter(({ name }) => name.startsWith("model.diffusion_model.")).length
      assert.match(notes.join("\n"), new RegExp(`^${unets} averaged weights`, "m"))
      assert.match(notes.join("\n"), /^1 tensors of .* left out: some_tool\.note\.$/m)
    })

    test("keeps each tensor's type where they differ, and takes VAE attention as matrices too", async () => {
      const mixed = [
        ...strangersModel(family, vocabulary, "F16").filter(({ name }) => name.startsWith("model.")),
        ...strangersModel(family, vocabulary).filter(({ name }) => !name.startsWith("model.")),
      ]
      const squeezed = mixed.map((tensor) =>
        /\.attn_1\.(q|k|v|proj_out)\.weight$/.test(tensor.name)
          ? { ...tensor, shape: tensor.shape.slice(0, 2) }
          : tensor,
      )
      const { tensors } = await roundTrip(family, squeezed)
      assert.deepEqual(tensors, wanted(mixed))
    })
  })

test("a folder whose VAE has the attention names of before diffusers 0.17 makes the same single file", async () => {
  const old = join(root, "old-names")
  await writeTinyFamily("sd1", old)
  const path = join(old, "vae", "diffusion_pytorch_model.safetensors")
  const names: Record<string, string> = { to_q: "query", to_k: "key", to_v: "value", "to_out.0": "proj_attn" }
  const tensors = [...(await readTensors(path))].map(([name, tensor]) => ({
    ...tensor,
    name: name.replace(/(?<=attentions\.\d+\.)(to_[qkv]|to_out\.0)(?=\.)/, (part) => names[part] ?? part),
  }))
  assert.ok(tensors.some(({ name }) => name.endsWith(".proj_attn.bias")))
  await writeSafetensors(path, tensors)
  const [one, other] = [join(root, "old.safetensors"), join(root, "new.safetensors")]
  await exportCheckpoint(old, one)
  await exportCheckpoint(folders.sd1, other)
  assert.deepEqual(sorted(await readTensors(one)), sorted(await readTensors(other)))
})

test("a CLIP without the outer module text_model, as transformers 5 saves it, is read the same", async () => {
  const model = strangersModel("sd1", vocabulary)
  const { tensors } = await roundTrip(
    "sd1",
    model.map((tensor) => ({ ...tensor, name: tensor.name.replace("transformer.text_model.", "transformer.") })),
  )
  assert.deepEqual(tensors, wanted(model))
})

test("of a file with a hostile fjord.config, only what is an option of the model is taken", async () => {
  const model = strangersModel("sd2", vocabulary)
  const configs = { unet: { attention_head_dim: [1, 2], _class_name: "Evil" }, scheduler: "x", "../../out": { a: 1 } }
  const { place } = await roundTrip("sd2", model, { "fjord.config": JSON.stringify(configs) })
  const config = JSON.parse(await readFile(join(place, "unet", "config.json"), "utf8"))
  assert.equal(config._class_name, "UNet2DConditionModel")
})

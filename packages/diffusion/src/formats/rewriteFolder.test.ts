import assert from "node:assert/strict"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, describe, test } from "node:test"
import { generationConfig } from "@fjord/contracts"
import {
  float16ToFloat32,
  openSafetensors,
  readFloat32,
  readTensor,
  readTensors,
  writeSafetensors,
} from "@fjord/engine"
import { openModelFolder } from "../folder/modelFolder.ts"
import { loadLoraFor } from "../lora/loadLoraFor.ts"
import { newModel } from "../models/newModel.ts"
import { textToImage } from "../textToImage.ts"
import { convertWeights, mergeLoras } from "./rewriteFolder.ts"
import { writeTinyFamily } from "./tinyFamilies.fixture.ts"

const root = await mkdtemp(join(tmpdir(), "fjord-rewrite-"))
after(() => rm(root, { recursive: true, force: true }))

const model = join(root, "model")
await newModel("tiny", model, 1)

const tensor = (name: string, shape: readonly number[], seed: number) => ({
  name,
  dataType: "F32" as const,
  shape,
  data: Float32Array.from({ length: shape.reduce((n, m) => n * m, 1) }, (_, i) => 0.3 * Math.sin(seed * 7.3 + i)),
})
const lora = join(root, "lora.safetensors")
await writeSafetensors(lora, [
  tensor("lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k.lora_down.weight", [2, 32], 1),
  tensor("lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k.lora_up.weight", [32, 2], 2),
  { ...tensor("lora_unet_mid_block_resnets_0_conv1.alpha", [], 0), data: Float32Array.of(1.5) },
  tensor("lora_unet_mid_block_resnets_0_conv1.lora_down.weight", [3, 64, 3, 3], 3),
  tensor("lora_unet_mid_block_resnets_0_conv1.lora_up.weight", [64, 3, 1, 1], 4),
  tensor("lora_te_text_model_encoder_layers_1_mlp_fc1.lora_down.weight", [2, 32], 5),
  tensor("lora_te_text_model_encoder_layers_1_mlp_fc1.lora_up.weight", [64, 2], 6),
])
const file = lora

let count = 0
async function latents(directory: string, loras: readonly { file: string; weight: number }[]): Promise<Float32Array> {
  const out = join(root, `images-${count++}`)
  const saveLatents = join(out, "latents.safetensors")
  const options = { model: directory, prompt: "a photo of sks dog", steps: 4, threads: 1, loras: [...loras] }
  for await (const event of textToImage(generationConfig.parse({ ...options, saveLatents, out }))) void event
  return readFloat32(await openSafetensors(saveLatents), "latents")
}

function distance(a: Float32Array, b: Float32Array): number {
  return Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? Number.NaN)))) / Math.max(...b.map(Math.abs))
}

describe("merging LoRAs", () => {
  test("gives the images that the model gives with the LoRAs", async () => {
    const loras = [
      { file, weight: 0.8 },
      { file, weight: -0.25 },
    ]
    const merged = join(root, "merged")
    const { notes } = await mergeLoras(model, merged, { loras })
    assert.match(notes.join(), /3 weights were changed/)
    const [plain, expected, actual] = [await latents(model, []), await latents(model, loras), await latents(merged, [])]
    assert.ok(distance(plain, expected) > 0.01)
    assert.ok(distance(actual, expected) < 1e-4, `${distance(actual, expected)}`)
  })

  test("changes only what the LoRA names, keeps types, and leaves the rest byte for byte", async () => {
    const half = join(root, "half")
    await newModel("tiny", half, 1, { dataType: "float16" })
    const merged = join(root, "half-merged")
    await mergeLoras(half, merged, { loras: [{ file, weight: 1 }] })
    const vae = join("vae", "diffusion_pytorch_model.safetensors")
    assert.deepEqual(await readFile(join(merged, vae)), await readFile(join(half, vae)))
    const [before, after] = [await openModelFolder(half), await openModelFolder(merged)]
    const changed: string[] = []
    for (const [key, entry] of before.unet.weights) {
      const other = after.unet.weights.get(key)
      assert.equal(other?.dataType, "F16", key)
      const [a, b] = [await readTensor(entry.file, entry.key), await readTensor(other.file, other.key)]
      if (Buffer.compare(Buffer.from(a.data.buffer), Buffer.from(b.data.buffer)) !== 0) changed.push(key)
    }
    assert.deepEqual(changed.sort(), [
      "down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight",
      "mid_block.resnets.0.conv1.weight",
    ])
  })

  test("works on both text encoders of SDXL", async () => {
    const xl = join(root, "xl")
    await writeTinyFamily("sdxl", xl)
    const both = join(root, "both.safetensors")
    await writeSafetensors(
      both,
      ["lora_te1_", "lora_te2_"].flatMap((prefix, i) => [
        tensor(`${prefix}text_model_encoder_layers_0_mlp_fc1.lora_down.weight`, [1, 32], i),
        tensor(`${prefix}text_model_encoder_layers_0_mlp_fc1.lora_up.weight`, [64, 1], i + 2),
      ]),
    )
    const merged = join(root, "xl-merged")
    await mergeLoras(xl, merged, { loras: [{ file: both, weight: 1 }] })
    const [before, after] = [await openModelFolder(xl), await openModelFolder(merged)]
    const key = "text_model.encoder.layers.0.mlp.fc1.weight"
    for (const [i, layer] of (await loadLoraFor(before, both)).layers.entries()) {
      const [old, now] = [before, after].map((f) => (i === 0 ? f.textEncoder : f.textEncoder2)?.weights.get(key))
      const numbers = await Promise.all([old, now].map((entry) => entry && readFloat32(entry.file, entry.key)))
      const [a = new Float32Array(), b = new Float32Array()] = numbers
      const change = (layer.up.data[3] ?? 0) * (layer.down.data[5] ?? 0)
      assert.equal(b[3 * 32 + 5], Math.fround((a[3 * 32 + 5] ?? 0) + change))
    }
  })

  test("refuses a model with numbers that are not finite, and leaves nothing", async () => {
    const broken = join(root, "broken")
    await newModel("tiny", broken, 1)
    const path = join(broken, "unet", "diffusion_pytorch_model.safetensors")
    const tensors = [...(await readTensors(path))].map(([name, t]) => ({ name, ...t }))
    tensors.find(({ name }) => name === "mid_block.resnets.0.conv1.weight")?.data.fill(Number.NaN as never)
    await writeSafetensors(path, tensors)
    const out = join(root, "broken-merged")
    await assert.rejects(mergeLoras(broken, out, { loras: [{ file, weight: 1 }] }), /holds NaN in mid_block/)
    await assert.rejects(openModelFolder(out), /no model folder/)
  })
})

describe("weights in another type", () => {
  test("float16 halves the folder and rounds each weight once", async () => {
    const out = join(root, "float16")
    await convertWeights(model, out, "F16")
    const [before, after] = [await openModelFolder(model), await openModelFolder(out)]
    for (const component of ["unet", "vae", "textEncoder"] as const)
      for (const [key, entry] of before[component].weights) {
        const stored = after[component].weights.get(key)
        assert.equal(stored?.byteLength, entry.byteLength / 2, key)
        const bits = await readTensor(stored.file, stored.key)
        assert.ok(bits.data instanceof Uint16Array)
        const [half, full] = [float16ToFloat32(bits.data), await readFloat32(entry.file, entry.key)]
        assert.ok(
          half.every((value, i) => Math.abs(value - (full[i] ?? 0)) <= Math.abs(full[i] ?? 0) * 2 ** -11 + 3e-8),
        )
      }
  })

  test("a number too large for float16 is named instead of made infinite", async () => {
    const large = join(root, "large")
    await newModel("tiny", large, 1)
    const path = join(large, "unet", "diffusion_pytorch_model.safetensors")
    const tensors = [...(await readTensors(path))].map(([name, t]) => ({ name, ...t }))
    tensors.find(({ name }) => name === "conv_in.bias")?.data.fill(70000 as never)
    await writeSafetensors(path, tensors)
    await assert.rejects(convertWeights(large, join(root, "large-half"), "F16"), /conv_in\.bias has the value 70000/)
  })
})

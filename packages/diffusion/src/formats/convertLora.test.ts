import assert from "node:assert/strict"
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, describe, test } from "node:test"
import { float32ToFloat16, openSafetensors, readTensors, writeSafetensors } from "@fjord/engine"
import { openModelFolder } from "../folder/modelFolder.ts"
import { loadLoraFor } from "../lora/loadLoraFor.ts"
import { convertLora, importLora } from "./convertLora.ts"
import { importFile } from "./importFile.ts"
import { writeTinyFamily } from "./tinyFamilies.fixture.ts"

const root = await mkdtemp(join(tmpdir(), "fjord-convert-lora-"))
after(() => rm(root, { recursive: true, force: true }))

const attention = "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1"
const text = "text_encoder.text_model.encoder.layers.0.self_attn"

function numbers(length: number, seed: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.sin(seed * 7.3 + i))
}

const tensor = (name: string, shape: readonly number[], seed = 1) => ({
  name,
  dataType: "F32" as const,
  shape,
  data: numbers(
    shape.reduce((product, n) => product * n, 1),
    seed,
  ),
})

const half = (list: ReturnType<typeof tensor>[]) =>
  list.map(({ data, ...rest }) => ({ ...rest, dataType: "F16" as const, data: float32ToFloat16(data) }))

/** In diffusers' form: attention, a convolution, the text encoder; rank 2. */
const diffusers = [
  tensor(`${attention}.to_q.lora.down.weight`, [2, 32], 1),
  tensor(`${attention}.to_q.lora.up.weight`, [32, 2], 2),
  tensor(`${attention}.to_out.0.lora.down.weight`, [3, 32], 3),
  tensor(`${attention}.to_out.0.lora.up.weight`, [32, 3], 4),
  tensor("unet.down_blocks.0.resnets.1.conv1.lora.down.weight", [2, 32, 3, 3], 5),
  tensor("unet.down_blocks.0.resnets.1.conv1.lora.up.weight", [32, 2, 1, 1], 6),
  tensor(`${text}.q_proj.lora_linear_layer.down.weight`, [2, 32], 7),
  tensor(`${text}.q_proj.lora_linear_layer.up.weight`, [32, 2], 8),
]

describe("a LoRA of a model at hand", async () => {
  const model = join(root, "model")
  await writeTinyFamily("sd1", model)
  const options = { model }
  let count = 0
  const place = (name: string) => join(root, `${count++}-${name}`)

  async function roundTrip(tensors: Parameters<typeof writeSafetensors>[1]) {
    const [start, kohya, peft, end] = ["a.safetensors", "b.safetensors", "c", "d.safetensors"].map(place) as [
      string,
      string,
      string,
      string,
    ]
    await writeSafetensors(start, tensors)
    await convertLora(start, kohya, "kohya", options)
    await convertLora(kohya, peft, "peft", options)
    await convertLora(peft, end, "diffusers", options)
    assert.deepEqual(new Map([...(await readTensors(end))].sort()), new Map([...(await readTensors(start))].sort()))
    return { kohya, peft }
  }

  test("diffusers → kohya → PEFT → diffusers gives the same tensors, in 32 and in 16 bits", async () => {
    const { kohya, peft } = await roundTrip(diffusers)
    const keys = [...(await openSafetensors(kohya)).tensors.keys()]
    assert.ok(keys.includes("lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_out_0.lora_up.weight"))
    assert.ok(keys.includes("lora_te_text_model_encoder_layers_0_self_attn_q_proj.alpha"))
    assert.deepEqual((await readdir(peft)).sort(), ["text_encoder", "unet"])
    const config = JSON.parse(await readFile(join(peft, "unet", "adapter_config.json"), "utf8"))
    assert.equal(config.peft_type, "LORA")
    assert.deepEqual([config.r, config.lora_alpha], [2, 2])
    assert.deepEqual(config.rank_pattern, { [`${attention.slice("unet.".length)}.to_out.0`]: 3 })
    await roundTrip(half(diffusers))
  })

  test("kohya → PEFT → kohya keeps alpha, and PEFT's rank-stabilised scaling is understood", async () => {
    const prefix = `lora_${attention.replaceAll(".", "_")}_to_q`
    const kohya = place("alpha.safetensors")
    await writeSafetensors(kohya, [
      { ...tensor(`${prefix}.alpha`, []), data: Float32Array.of(0.7) },
      tensor(`${prefix}.lora_down.weight`, [2, 32], 1),
      tensor(`${prefix}.lora_up.weight`, [32, 2], 2),
    ])
    const [peft, again] = [place("alpha-peft"), place("alpha-again.safetensors")]
    await convertLora(kohya, peft, "peft", options)
    const { notes } = await convertLora(peft, again, "kohya", options)
    assert.deepEqual(await readTensors(again), await readTensors(kohya))
    assert.match(notes.join(), /alpha is not its rank/)

    const config = join(peft, "unet", "adapter_config.json")
    await writeFile(config, JSON.stringify({ ...JSON.parse(await readFile(config, "utf8")), use_rslora: true }))
    const folder = await openModelFolder(model)
    const [layer] = (await loadLoraFor(folder, peft)).layers
    assert.equal(layer?.alpha, Math.fround(0.7) * Math.SQRT2)
    const [bare] = (await loadLoraFor(folder, join(peft, "unet", "adapter_model.safetensors"))).layers
    assert.deepEqual(bare, layer)
  })

  test("a PEFT folder of a stranger keeps the rank and alpha of its patterns on the way to the other forms", async () => {
    const block = "down_blocks.0.attentions.0.transformer_blocks.0"
    const ranks = { [`${block}.attn1.to_q`]: 4, [`${block}.attn1.to_k`]: 2, [`${block}.attn2.to_v`]: 3 }
    const tensors = Object.entries(ranks).flatMap(([module, rank], i) => [
      tensor(`base_model.model.${module}.lora_A.weight`, [rank, 32], i),
      tensor(`base_model.model.${module}.lora_B.weight`, [32, rank], i + 10),
    ])
    const folder = place("stranger")
    await mkdir(folder)
    const config = {
      peft_type: "LORA",
      r: 4,
      lora_alpha: 8,
      target_modules: ["to_q", "to_k", "to_v"],
      rank_pattern: { to_k: 2, "^down_blocks\\.0\\.attentions\\.0\\.transformer_blocks\\.0\\.attn2\\.to_v": 3 },
      alpha_pattern: { to_k: 1, "attn2.to_v": 6 },
    }
    await writeFile(join(folder, "adapter_config.json"), JSON.stringify(config))
    await writeSafetensors(join(folder, "adapter_model.safetensors"), tensors)
    const [kohya, plain, back] = ["p.safetensors", "q.safetensors", "r"].map(place) as [string, string, string]
    await convertLora(folder, kohya, "kohya", options)
    const alphas = [...(await readTensors(kohya))].filter(([name]) => name.endsWith(".alpha"))
    assert.deepEqual(
      alphas.map(([name, { data }]) => [/(attn\d_to_[qkv])\.alpha$/.exec(name)?.[1], data[0]]),
      [
        ["attn1_to_k", 1],
        ["attn1_to_q", 8],
        ["attn2_to_v", 6],
      ],
    )
    await convertLora(kohya, back, "peft", options)
    const stored = new Map(tensors.map(({ name, ...rest }) => [name, rest] as const).sort())
    assert.deepEqual(new Map([...(await readTensors(join(back, "unet", "adapter_model.safetensors")))].sort()), stored)
    const written = JSON.parse(await readFile(join(back, "unet", "adapter_config.json"), "utf8"))
    assert.deepEqual(written.alpha_pattern, { [`${block}.attn1.to_q`]: 8, [`${block}.attn2.to_v`]: 6 })
    await convertLora(folder, plain, "diffusers", options)
    const up = (await readTensors(plain)).get(`unet.${block}.attn1.to_q.lora.up.weight`)
    assert.deepEqual(
      up?.data,
      numbers(128, 10).map((value) => value * 2),
    )
  })

  test("import leaves the diffusers and the kohya file, and overwrites nothing", async () => {
    const file = place("import.safetensors")
    await writeSafetensors(file, diffusers)
    const directory = place("imported")
    await importLora(file, directory, options)
    assert.deepEqual((await readdir(directory)).sort(), [
      "pytorch_lora_weights.safetensors",
      "pytorch_lora_weights_kohya.safetensors",
    ])
    await assert.rejects(importLora(file, directory, options), /exists already/)
    await assert.rejects(convertLora(file, file, "kohya", options), /exists already/)
  })

  test("other adapters of PEFT, pickled ones and folders without any are refused", async () => {
    const folder = place("other")
    await mkdir(folder)
    const converting = () => convertLora(folder, place("x.safetensors"), "kohya", options)
    await assert.rejects(converting(), /holds no LoRA; looked for adapter_config\.json/)
    await writeFile(join(folder, "adapter_config.json"), JSON.stringify({ peft_type: "LOHA" }))
    await assert.rejects(converting(), /is "LOHA", which is not supported/)
    await writeFile(join(folder, "adapter_config.json"), JSON.stringify({ peft_type: "LORA", use_dora: true }))
    await writeFile(join(folder, "adapter_model.bin"), "")
    await assert.rejects(converting(), /only as adapter_model\.bin, a pickle/)
    await writeSafetensors(join(folder, "adapter_model.safetensors"), diffusers)
    await assert.rejects(converting(), /is DoRA/)
  })
})

/** Keys as LyCORIS, PEFT and kohya's scripts save them, of which none is a plain LoRA. */
const otherAdapters: Readonly<Record<string, readonly string[]>> = {
  "LoHa (LyCORIS)": ["hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b", "alpha"],
  "LoKr (LyCORIS)": ["lokr_w1", "lokr_w2_a", "lokr_w2_b", "alpha"],
  "LoCon with Tucker decomposition (LyCORIS)": ["lora_mid.weight", "lora_up.weight", "lora_down.weight"],
  "(IA)³": ["weight", "on_input"],
  DoRA: ["lora_down.weight", "lora_up.weight", "dora_scale", "alpha"],
  OFT: ["oft_blocks", "alpha"],
  "GLoRA (LyCORIS)": ["a1.weight", "a2.weight", "b1.weight", "b2.weight", "alpha"],
  "a full weight difference": ["diff", "diff_b"],
}

describe("an adapter that is no plain LoRA", () => {
  for (const [kind, parts] of Object.entries(otherAdapters))
    test(`is refused on import as what it is: ${kind}`, async () => {
      const file = join(root, `${parts[0]}.safetensors`)
      const module = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q"
      await writeSafetensors(
        file,
        parts.map((part) => tensor(`${module}.${part}`, part === "alpha" ? [] : [2, 2])),
      )
      const into = join(root, "never")
      await assert.rejects(importFile(file, into), (error: Error) => {
        assert.ok(error.message.includes(` is ${kind} (key `), error.message)
        assert.match(error.message, /use a plain LoRA file\.$/)
        return true
      })
      await assert.rejects(readdir(into))
    })
})

describe("a LoRA without a model", () => {
  test("is matched with the published models, in SDXL's own names too", async () => {
    const file = join(root, "xl.safetensors")
    const pair = (prefix: string, into: number, out: number) => [
      tensor(`${prefix}.lora_down.weight`, [4, into]),
      tensor(`${prefix}.lora_up.weight`, [out, 4]),
    ]
    await writeSafetensors(file, [
      ...pair("lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k", 2048, 640),
      ...pair("lora_unet_output_blocks_2_1_proj_in", 1280, 1280),
      ...pair("lora_te2_text_model_encoder_layers_31_mlp_fc1", 1280, 5120),
    ])
    const out = join(root, "xl-diffusers.safetensors")
    const { notes } = await convertLora(file, out, "diffusers")
    assert.match(notes.join(), /Stable Diffusion XL/)
    const kohya = join(root, "xl-kohya.safetensors")
    await convertLora(out, kohya, "kohya")
    const named = await openSafetensors(kohya)
    assert.ok(named.tensors.has("lora_te2_text_model_encoder_layers_31_mlp_fc1.alpha"))
    assert.equal(named.metadata.ss_base_model_version, "sdxl_base_v1-0")
    assert.equal(named.metadata["modelspec.architecture"], "stable-diffusion-xl-v1-base/lora")
    const keys = [...(await openSafetensors(out)).tensors.keys()]
    assert.ok(keys.includes("unet.down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.lora.down.weight"))
    assert.ok(keys.includes("unet.up_blocks.0.attentions.2.proj_in.lora.up.weight"))
  })

  test("that fits none of them, or is no plain LoRA, is refused in one sentence", async () => {
    const [small, loha] = [join(root, "small.safetensors"), join(root, "loha.safetensors")]
    await writeSafetensors(small, diffusers)
    await assert.rejects(convertLora(small, join(root, "s.safetensors"), "kohya"), /fits none of .*--model/)
    await writeSafetensors(loha, [tensor("lora_unet_x.hada_w1_a", [2, 2])])
    await assert.rejects(convertLora(loha, join(root, "l.safetensors"), "kohya"), /is LoHa \(LyCORIS\)/)
  })
})

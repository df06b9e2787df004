import assert from "node:assert/strict"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, describe, it } from "node:test"
import { openSafetensors, writeSafetensors } from "@fjord/engine"
import { checkLora } from "./checkLora.ts"
import { type LoraLayer, loadLora } from "./loadLora.ts"
import type { LoraModuleNames } from "./loraKeys.ts"
import { saveLora } from "./saveLora.ts"

const attention = "down_blocks.0.attentions.0.transformer_blocks.0.attn1"
const textAttention = "text_model.encoder.layers.0.self_attn"
const names: LoraModuleNames = {
  unet: [
    `${attention}.to_q`,
    `${attention}.to_out.0`,
    "down_blocks.0.resnets.0.conv1",
    "down_blocks.0.resnets.0.time_emb_proj",
  ],
  textEncoder: [`${textAttention}.q_proj`, `${textAttention}.out_proj`],
}

function numbers(length: number, seed: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.sin(seed * 7.3 + i))
}

const tensor = (name: string, shape: readonly number[], seed = 1) => ({
  name,
  dataType: "F32" as const,
  shape,
  data: numbers(
    shape.reduce((product, size) => product * size, 1),
    seed,
  ),
})

/** Tensors of one linear module of rank 2 whose keys are made by a style. */
const pair = (down: string, up: string, seed = 1) => [tensor(down, [2, 3], seed), tensor(up, [4, 2], seed + 1)]

describe("LoRA files", () => {
  let directory = ""
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "fjord-lora-"))
  })
  after(() => rm(directory, { recursive: true, force: true }))

  let count = 0
  async function load(tensors: Parameters<typeof writeSafetensors>[1], metadata: Record<string, string> = {}) {
    const path = join(directory, `${count++}.safetensors`)
    await writeSafetensors(path, tensors, { format: "pt", ...metadata })
    return loadLora(path, names)
  }

  const unetStyles: Record<string, [down: string, up: string]> = {
    diffusers: [`unet.${attention}.to_out.0.lora.down.weight`, `unet.${attention}.to_out.0.lora.up.weight`],
    PEFT: [`unet.${attention}.to_out.0.lora_A.weight`, `unet.${attention}.to_out.0.lora_B.weight`],
    "PEFT with adapter name": [
      `base_model.model.unet.${attention}.to_out.0.lora_A.default.weight`,
      `base_model.model.unet.${attention}.to_out.0.lora_B.default.weight`,
    ],
    "PEFT around a layer that has an adapter already": [
      `base_model.model.unet.${attention}.to_out.0.base_layer.lora_A.default.weight`,
      `base_model.model.unet.${attention}.to_out.0.base_layer.lora_B.default.weight`,
    ],
    "old attention processor": [
      `unet.${attention}.processor.to_out_lora.down.weight`,
      `unet.${attention}.processor.to_out_lora.up.weight`,
    ],
    "old attention processor without prefix": [
      `${attention}.processor.to_out_lora.down.weight`,
      `${attention}.processor.to_out_lora.up.weight`,
    ],
    kohya: [
      `lora_unet_${attention.replaceAll(".", "_")}_to_out_0.lora_down.weight`,
      `lora_unet_${attention.replaceAll(".", "_")}_to_out_0.lora_up.weight`,
    ],
  }
  for (const [style, [down, up]] of Object.entries(unetStyles)) {
    it(`reads ${style} keys of the UNet`, async () => {
      const { layers } = await load(pair(down, up))
      const [layer] = layers
      assert.equal(layers.length, 1)
      assert.equal(layer?.component, "unet")
      assert.equal(layer?.module, `${attention}.to_out.0`)
      assert.deepEqual([layer?.rank, layer?.alpha], [2, 2])
      assert.deepEqual(layer?.down, { shape: [2, 3], data: numbers(6, 1) })
      assert.deepEqual(layer?.up, { shape: [4, 2], data: numbers(8, 2) })
    })
  }

  const bare = textAttention.replace("text_model.", "")
  const textStyles: Record<string, [down: string, up: string]> = {
    diffusers: ["out_proj.lora_linear_layer.down.weight", "out_proj.lora_linear_layer.up.weight"],
    PEFT: ["out_proj.lora_A.weight", "out_proj.lora_B.weight"],
    "old attention processor": ["to_out_lora.down.weight", "to_out_lora.up.weight"],
  }
  for (const [style, [down, up]] of Object.entries(textStyles)) {
    for (const prefix of [`text_encoder.${textAttention}`, `text_encoder.${bare}`]) {
      it(`reads ${style} keys of the text encoder under ${prefix}`, async () => {
        const { layers } = await load(pair(`${prefix}.${down}`, `${prefix}.${up}`))
        assert.deepEqual(
          layers.map((layer) => [layer.component, layer.module]),
          [["text_encoder", `${textAttention}.out_proj`]],
        )
      })
    }
  }

  it("takes alpha from the alpha tensor first, from the adapter metadata second, from the rank last", async () => {
    const [down, up] = unetStyles.kohya ?? ["", ""]
    const withTensor = [
      ...pair(down, up),
      { ...tensor(down.replace("lora_down.weight", "alpha"), []), data: Float32Array.of(1.5) },
    ]
    const metadata = { lora_adapter_metadata: JSON.stringify({ "unet.r": 2, "unet.lora_alpha": 8 }) }
    assert.equal((await load(withTensor, metadata)).layers[0]?.alpha, 1.5)
    assert.equal((await load(pair(down, up), metadata)).layers[0]?.alpha, 8)
    assert.equal((await load(pair(down, up))).layers[0]?.alpha, 2)
  })

  it("follows alpha patterns and rank-stabilised scaling of the adapter metadata", async () => {
    const [down, up] = unetStyles.PEFT ?? ["", ""]
    const tensors = [
      ...pair(down, up),
      ...pair(`unet.${attention}.to_q.lora_A.weight`, `unet.${attention}.to_q.lora_B.weight`),
      tensor("text_encoder.encoder.layers.0.self_attn.q_proj.lora_A.weight", [2, 3]),
      tensor("text_encoder.encoder.layers.0.self_attn.q_proj.lora_B.weight", [4, 2]),
    ]
    const metadata = {
      "unet.lora_alpha": 8,
      "unet.alpha_pattern": { to_q: 3 },
      "text_encoder.lora_alpha": 4,
      "text_encoder.use_rslora": true,
    }
    const { layers } = await load(tensors, { lora_adapter_metadata: JSON.stringify(metadata) })
    const alphas = new Map(layers.map((layer) => [layer.module, layer.alpha]))
    assert.equal(alphas.get(`${attention}.to_q`), 3)
    assert.equal(alphas.get(`${attention}.to_out.0`), 8)
    assert.equal(alphas.get(`${textAttention}.q_proj`), 4 * Math.SQRT2)
  })

  it("refuses a regular expression as pattern instead of running it", async () => {
    const [down, up] = unetStyles.PEFT ?? ["", ""]
    const lora_adapter_metadata = JSON.stringify({ "unet.alpha_pattern": { "(a+)+b": 3 } })
    await assert.rejects(load(pair(down, up), { lora_adapter_metadata }), /pattern "\(a\+\)\+b"/)
  })

  const layers: LoraLayer[] = [
    {
      component: "unet",
      module: "down_blocks.0.resnets.0.conv1",
      down: { shape: [2, 3, 3, 3], data: numbers(54, 3) },
      up: { shape: [5, 2, 1, 1], data: numbers(10, 4) },
      alpha: 0.7,
      rank: 2,
    },
    {
      component: "text_encoder",
      module: `${textAttention}.q_proj`,
      down: { shape: [3, 4], data: numbers(12, 5) },
      up: { shape: [4, 3], data: numbers(12, 6) },
      alpha: 3,
      rank: 3,
    },
    {
      component: "unet",
      module: `${attention}.to_q`,
      down: { shape: [2, 4], data: numbers(8, 7) },
      up: { shape: [4, 2], data: numbers(8, 8) },
      alpha: 2,
      rank: 2,
    },
  ]

  it("writes diffusers → kohya → diffusers with the same tensors", async () => {
    const first = await saveLora(join(directory, "a"), layers, { name: "fjord" })
    const plain = await loadLora(first.diffusersPath, names)
    const second = await saveLora(join(directory, "b"), plain.layers, { name: "fjord" })
    const kohya = await loadLora(second.kohyaPath, names)
    const third = await saveLora(join(directory, "c"), kohya.layers, { name: "fjord" })
    assert.deepEqual(kohya.layers, plain.layers)
    assert.deepEqual(await readFile(third.diffusersPath), await readFile(first.diffusersPath))
    assert.ok(plain.layers.every((layer) => layer.alpha === layer.rank))
  })

  it("keeps the original alpha in the kohya file and folds it into up in the diffusers file", async () => {
    const { diffusersPath, kohyaPath } = await saveLora(join(directory, "d"), layers, { name: "fjord" })
    const find = (all: readonly LoraLayer[]) => all.find((layer) => layer.module.endsWith("conv1"))
    const kohya = find((await loadLora(kohyaPath, names)).layers)
    const plain = find((await loadLora(diffusersPath, names)).layers)
    assert.equal(kohya?.alpha, Math.fround(0.7))
    assert.deepEqual(kohya?.up.data, numbers(10, 4))
    assert.deepEqual(
      plain?.up.data,
      numbers(10, 4).map((value) => value * (Math.fround(0.7) / 2)),
    )
  })

  it("writes the published text encoder prefix, adapter metadata that agrees and the caller's kohya strings", async () => {
    const kohyaMetadata = { ss_base_model_version: "sd_v1", "modelspec.title": "dog3" }
    const { diffusersPath, kohyaPath } = await saveLora(join(directory, "e"), layers, { name: "fjord", kohyaMetadata })
    const plain = await openSafetensors(diffusersPath)
    assert.ok(plain.tensors.has(`text_encoder.${textAttention}.q_proj.lora_linear_layer.down.weight`))
    const metadata = JSON.parse(plain.metadata.lora_adapter_metadata ?? "")
    assert.deepEqual([metadata["unet.r"], metadata["unet.lora_alpha"], metadata["text_encoder.r"]], [2, 2, 3])
    const kohya = await openSafetensors(kohyaPath)
    assert.equal(kohya.metadata.ss_base_model_version, "sd_v1")
    assert.equal(kohya.metadata.ss_network_dim, "Dynamic")
    assert.ok(kohya.tensors.has("lora_te_text_model_encoder_layers_0_self_attn_q_proj.alpha"))
  })

  const refused: Record<string, string> = {
    DoRA: `lora_unet_x.dora_scale`,
    LoHa: "lora_unet_x.hada_w1_a",
    LoKr: "lora_unet_x.lokr_w1",
    Tucker: "lora_unet_x.lora_mid.weight",
    OFT: "oft_unet_x.oft_blocks",
    BOFT: "base_model.model.unet.x.boft_R.default",
    GLoRA: "lora_unet_x.a1.weight",
    "\\(IA\\)³": "lora_unet_x.on_input",
    "LoRA with trained biases": "unet.x.lora_B.bias",
    "VeRA or AdaLoRA": "base_model.model.unet.x.vera_lambda_b",
    "VeRA or AdaLoRA ": "base_model.model.unet.x.lora_E.default",
    "a whole model": "base_model.model.unet.x.to_q.base_layer.weight",
    "DoRA ": "base_model.model.unet.x.lora_magnitude_vector",
    "full weight difference": "lora_unet_x.diff",
  }
  for (const [kind, key] of Object.entries(refused)) {
    it(`refuses ${kind} by name`, () =>
      assert.rejects(load([tensor(key, [2])]), new RegExp(`is .*${kind}.*not supported`)))
  }

  it("lists keys that fit no module of the model", () =>
    assert.rejects(
      load(pair("unet.nowhere.lora.down.weight", "unet.nowhere.lora.up.weight")),
      /2 of 2 keys.*unet\.nowhere\.lora/,
    ))

  it("refuses half layers, wrong shapes and numbers that are not finite", async () => {
    const [down, up] = unetStyles.PEFT ?? ["", ""]
    await assert.rejects(load([tensor(down, [2, 3])]), /has no up tensor for unet\./)
    await assert.rejects(load([tensor(down, [2, 3]), tensor(up, [4, 3])]), /wanted \[rank, in\] and \[out, rank\]/)
    const broken = { ...tensor(down, [2, 3]), data: new Float32Array(6).fill(Number.NaN) }
    await assert.rejects(load([broken, tensor(up, [4, 2])]), /NaN or infinite/)
  })

  it("are refused for a model whose modules have other sizes, but 1×1 convolutions pass for linear layers", async () => {
    const [down, up] = unetStyles.PEFT ?? ["", ""]
    const file = await load([tensor(down, [2, 3, 1, 1]), tensor(up, [4, 2, 1, 1])])
    const weight = (shape: readonly number[]) => new Map([[`${attention}.to_out.0.weight`, { shape }]])
    checkLora(file, { unet: weight([4, 3]), textEncoder: new Map() })
    assert.throws(
      () => checkLora(file, { unet: weight([4, 5]), textEncoder: new Map() }),
      /is for \[4, 3\] .* has \[4, 5\]/,
    )
  })
})

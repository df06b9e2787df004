import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { newModelConfigs } from "../models/newModelConfigs.ts"
import { unetParameterShapes, vaeParameterShapes } from "../models/parameterShapes.ts"
import { unetConfigSchema } from "../models/unetConfig.ts"
import { vaeConfigSchema } from "../models/vae.ts"
import { openClipOriginalNames, packedPart, unetOriginalNames, vaeOriginalNames } from "./originalNames.ts"
import { publishedTarget } from "./publishedShapes.ts"

const { sd15 } = newModelConfigs
const unetKeys = [...unetParameterShapes(unetConfigSchema.parse(sd15.unet)).keys()]
const vaeKeys = [...vaeParameterShapes(vaeConfigSchema.parse(sd15.vae)).keys()]

test("every weight of SD 1.5 has one name of its own in a single file", () => {
  assert.equal(unetKeys.length, 686)
  assert.equal(vaeKeys.length, 248)
  assert.equal(new Set(unetOriginalNames(unetKeys).values()).size, 686)
  assert.equal(new Set(vaeOriginalNames(vaeKeys).values()).size, 248)
})

test("the names are those of the published v1-5-pruned.safetensors", () => {
  const unet = unetOriginalNames(unetKeys)
  const expected = {
    "time_embedding.linear_2.bias": "time_embed.2.bias",
    "conv_in.weight": "input_blocks.0.0.weight",
    "down_blocks.0.resnets.1.conv1.weight": "input_blocks.2.0.in_layers.2.weight",
    "down_blocks.0.downsamplers.0.conv.bias": "input_blocks.3.0.op.bias",
    "down_blocks.1.resnets.0.conv_shortcut.weight": "input_blocks.4.0.skip_connection.weight",
    "down_blocks.2.attentions.1.proj_out.weight": "input_blocks.8.1.proj_out.weight",
    "down_blocks.3.resnets.1.time_emb_proj.weight": "input_blocks.11.0.emb_layers.1.weight",
    "mid_block.resnets.1.norm2.weight": "middle_block.2.out_layers.0.weight",
    "mid_block.attentions.0.norm.weight": "middle_block.1.norm.weight",
    "up_blocks.0.upsamplers.0.conv.weight": "output_blocks.2.1.conv.weight",
    "up_blocks.1.upsamplers.0.conv.weight": "output_blocks.5.2.conv.weight",
    "up_blocks.2.upsamplers.0.conv.weight": "output_blocks.8.2.conv.weight",
    "up_blocks.3.resnets.2.conv2.weight": "output_blocks.11.0.out_layers.3.weight",
    "up_blocks.3.attentions.2.transformer_blocks.0.norm1.bias": "output_blocks.11.1.transformer_blocks.0.norm1.bias",
    "conv_norm_out.weight": "out.0.weight",
    "conv_out.weight": "out.2.weight",
  }
  for (const [key, name] of Object.entries(expected)) assert.equal(unet.get(key), name)
  const vae = vaeOriginalNames(vaeKeys)
  assert.equal(vae.get("decoder.up_blocks.0.resnets.2.conv1.weight"), "decoder.up.3.block.2.conv1.weight")
  assert.equal(vae.get("decoder.up_blocks.2.upsamplers.0.conv.bias"), "decoder.up.1.upsample.conv.bias")
  assert.equal(
    vae.get("encoder.down_blocks.1.resnets.0.conv_shortcut.weight"),
    "encoder.down.1.block.0.nin_shortcut.weight",
  )
  assert.equal(vae.get("encoder.mid_block.attentions.0.to_out.0.bias"), "encoder.mid.attn_1.proj_out.bias")
  assert.equal(vae.get("decoder.mid_block.resnets.1.conv2.weight"), "decoder.mid.block_2.conv2.weight")
  assert.equal(vae.get("post_quant_conv.weight"), "post_quant_conv.weight")
})

describe("the text encoder of SD 2.x and the second of SDXL", () => {
  for (const family of ["sd2", "sdxl"] as const)
    test(`${family}: every weight has its place among OpenCLIP's, the three projections of attention one together`, () => {
      const target = publishedTarget(family)
      const keys = [...((family === "sd2" ? target.textEncoder : target.textEncoder2) ?? assert.fail()).keys()]
      const layers = family === "sd2" ? 23 : 32
      const names = openClipOriginalNames(keys)
      // Twelve tensors for each layer, two embeddings, the last normalisation and, of SDXL, the projection.
      const wanted = new Set([
        "token_embedding.weight",
        "positional_embedding",
        "ln_final.weight",
        "ln_final.bias",
        ...(family === "sdxl" ? ["text_projection"] : []),
        ...Array.from({ length: layers }, (_, layer) =>
          [
            "attn.in_proj_weight",
            "attn.in_proj_bias",
            ...["attn.out_proj", "ln_1", "ln_2", "mlp.c_fc", "mlp.c_proj"].flatMap((part) => [
              `${part}.weight`,
              `${part}.bias`,
            ]),
          ].map((part) => `transformer.resblocks.${layer}.${part}`),
        ).flat(),
      ])
      assert.deepEqual(new Set(names.values()), wanted)
      assert.equal(wanted.size, (family === "sd2" ? 4 : 5) + 12 * layers)
      const packed = keys.filter((key) => packedPart(key) !== undefined)
      assert.equal(packed.length, 6 * layers)
    })
})

describe("the UNets of SD 2.x and SDXL", () => {
  // The counts of the published files: v2-1_768-ema-pruned.safetensors and sd_xl_base_1.0.safetensors.
  for (const [family, count] of [
    ["sd2", 686],
    ["sdxl", 1680],
  ] as const)
    test(`${family}: each of ${count} weights has one name of its own`, () => {
      const keys = [...publishedTarget(family).unet.keys()]
      const names = unetOriginalNames(keys)
      assert.equal(keys.length, count)
      assert.equal(new Set(names.values()).size, count)
    })

  test("SDXL's are those of sd_xl_base_1.0.safetensors", () => {
    const names = unetOriginalNames([...publishedTarget("sdxl").unet.keys()])
    const expected = {
      "add_embedding.linear_1.weight": "label_emb.0.0.weight",
      "add_embedding.linear_2.bias": "label_emb.0.2.bias",
      "down_blocks.0.downsamplers.0.conv.weight": "input_blocks.3.0.op.weight",
      "down_blocks.1.attentions.1.transformer_blocks.1.attn2.to_k.weight":
        "input_blocks.5.1.transformer_blocks.1.attn2.to_k.weight",
      "down_blocks.2.resnets.1.conv1.weight": "input_blocks.8.0.in_layers.2.weight",
      "down_blocks.2.attentions.1.transformer_blocks.9.ff.net.0.proj.weight":
        "input_blocks.8.1.transformer_blocks.9.ff.net.0.proj.weight",
      "mid_block.attentions.0.transformer_blocks.9.norm3.bias": "middle_block.1.transformer_blocks.9.norm3.bias",
      "up_blocks.0.upsamplers.0.conv.weight": "output_blocks.2.2.conv.weight",
      "up_blocks.1.upsamplers.0.conv.bias": "output_blocks.5.2.conv.bias",
      "up_blocks.2.resnets.2.conv_shortcut.weight": "output_blocks.8.0.skip_connection.weight",
    }
    for (const [key, name] of Object.entries(expected)) assert.equal(names.get(key), name)
  })
})

test("a key of another network is refused", () => {
  assert.throws(
    () => unetOriginalNames(["down_blocks.0.motion_modules.0.norm.weight"]),
    /no weight of a Stable Diffusion/,
  )
})

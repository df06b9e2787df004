import assert from "node:assert/strict"
import { test } from "node:test"
import type { SafetensorsFile } from "@fjord/engine"
import { newModelConfigs } from "../models/newModelConfigs.ts"
import { vaeParameterShapes } from "../models/parameterShapes.ts"
import { vaeConfigSchema } from "../models/vae.ts"
import { checkpointConfigs } from "./checkpointConfigs.ts"
import { type Family, familyOf, textPrefixes, unetPrefix, vaePrefix } from "./checkpointKind.ts"
import { isVaeProjection, openClipOriginalNames, unetOriginalNames, vaeOriginalNames } from "./originalNames.ts"
import { publishedTarget } from "./publishedShapes.ts"

type Shapes = ReadonlyMap<string, { readonly shape: readonly number[] }>

/** The header of the published single file of a family, as far as names and shapes go. */
function publishedFile(family: Family): SafetensorsFile {
  const { unet, textEncoder, textEncoder2 } = publishedTarget(family)
  const shapes = new Map<string, readonly number[]>()
  const add = (prefix: string, source: Shapes, names: ReadonlyMap<string, string>) => {
    for (const [key, { shape }] of source) {
      const name = names.get(key) ?? key
      const packed = name.includes(".in_proj_") ? [3 * (shape[0] ?? 0), ...shape.slice(1)] : shape
      const turned = name === "text_projection" ? packed.toReversed() : packed
      shapes.set(prefix + name, isVaeProjection(name) ? [...turned, 1, 1] : turned)
    }
  }
  add(unetPrefix, unet, unetOriginalNames([...unet.keys()]))
  const vae = vaeParameterShapes(vaeConfigSchema.parse(newModelConfigs.sd15.vae))
  const vaeShapes = new Map([...vae].map(([key, shape]) => [key, { shape }]))
  add(vaePrefix, vaeShapes, vaeOriginalNames([...vae.keys()]))
  for (const [i, { prefix, form }] of textPrefixes[family].entries()) {
    const source = (i === 0 ? textEncoder : textEncoder2) ?? new Map()
    add(prefix, source, form === "openClip" ? openClipOriginalNames([...source.keys()]) : new Map())
  }
  if (family === "sd2") {
    // The published file has the last layer and the projection, which the model does not use.
    const prefix = "cond_stage_model.model."
    for (const [key, shape] of [...shapes])
      if (key.startsWith(`${prefix}transformer.resblocks.22.`)) shapes.set(key.replace(".22.", ".23."), shape)
    shapes.set(`${prefix}text_projection`, [1024, 1024])
  }
  const tensors = new Map(
    [...shapes].map(([name, shape]) => {
      return [name, { name, dataType: "F16" as const, shape, byteOffset: 0, byteLength: 0 }] as const
    }),
  )
  return { path: `${family}.safetensors`, metadata: {}, tensors }
}

const heads = (config: Record<string, unknown>) => [config.attention_head_dim, config.use_linear_projection]

test("the configurations of SD 1.5 are found from the names and shapes of its file", () => {
  const file = publishedFile("sd1")
  assert.equal(file.tensors.size, 686 + 248 + 196)
  assert.equal(familyOf(file), "sd1")
  const { unet, vae, text_encoder: text, scheduler } = checkpointConfigs(file, "sd1", "epsilon", {})
  const { sd15 } = newModelConfigs
  for (const [key, value] of Object.entries(sd15.unet)) if (key in unet) assert.deepEqual(unet[key], value, key)
  for (const [key, value] of Object.entries(sd15.vae)) assert.deepEqual(vae[key], value, key)
  for (const key of ["hidden_size", "num_hidden_layers", "num_attention_heads", "hidden_act", "vocab_size"])
    assert.deepEqual(text[key], sd15.textEncoder[key], key)
  assert.equal(scheduler._class_name, "PNDMScheduler")
})

test("those of SD 2.1 too: 23 of the 24 layers of its text encoder, and larger pictures where it predicts velocity", () => {
  const file = publishedFile("sd2")
  assert.equal(familyOf(file), "sd2")
  const { unet, text_encoder: text, scheduler } = checkpointConfigs(file, "sd2", "v_prediction", {})
  assert.deepEqual(heads(unet), [[5, 10, 20, 20], true])
  assert.deepEqual([unet.cross_attention_dim, unet.sample_size], [1024, 96])
  assert.deepEqual([text.num_hidden_layers, text.num_attention_heads, text.hidden_act], [23, 16, "gelu"])
  assert.equal(scheduler.prediction_type, "v_prediction")
  assert.equal(checkpointConfigs(file, "sd2", "epsilon", {}).unet.sample_size, 64)
})

test("those of SDXL too, with both text encoders and what is added to the timestep", () => {
  const file = publishedFile("sdxl")
  // 2515 in the published file: it also has position_ids and logit_scale.
  assert.equal(file.tensors.size, 2513)
  assert.equal(familyOf(file), "sdxl")
  const { unet, vae, text_encoder_2: second, scheduler } = checkpointConfigs(file, "sdxl", "epsilon", {})
  assert.deepEqual(heads(unet), [[5, 10, 20], true])
  assert.deepEqual(unet.down_block_types, ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"])
  assert.deepEqual(unet.up_block_types, ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"])
  assert.deepEqual(unet.transformer_layers_per_block, [1, 2, 10])
  assert.deepEqual([unet.cross_attention_dim, unet.projection_class_embeddings_input_dim], [2048, 2816])
  assert.equal(vae.scaling_factor, 0.13025)
  assert.deepEqual(second?.architectures, ["CLIPTextModelWithProjection"])
  assert.deepEqual([second?.num_hidden_layers, second?.projection_dim, second?.num_attention_heads], [32, 1280, 20])
  assert.equal(scheduler._class_name, "EulerDiscreteScheduler")
})

test("inpainting models are refused, whose UNets take more channels", () => {
  const file = publishedFile("sd1")
  const key = `${unetPrefix}input_blocks.0.0.weight`
  const entry = file.tensors.get(key)
  assert.ok(entry)
  const tensors = new Map([...file.tensors, [key, { ...entry, shape: [320, 9, 3, 3] }]])
  assert.throws(() => checkpointConfigs({ ...file, tensors }, "sd1", "epsilon", {}), /an inpainting model/)
})

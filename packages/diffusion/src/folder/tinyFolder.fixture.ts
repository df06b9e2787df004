/** A diffusers folder of a few numbers, for the tests of this directory. */
import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { writeSafetensors } from "@fjord/engine"

/** Tensors of a component: key → shape; values count up. */
export type TinyTensors = Readonly<Record<string, readonly number[]>>

export async function writeTinyTensors(path: string, tensors: TinyTensors): Promise<void> {
  const list = Object.entries(tensors).map(([name, shape]) => {
    const size = shape.reduce((product, dimension) => product * dimension, 1)
    if (name.endsWith("position_ids")) return { name, dataType: "I64" as const, shape, data: new BigInt64Array(size) }
    return { name, dataType: "F32" as const, shape, data: Float32Array.from({ length: size }, (_, i) => i) }
  })
  await writeSafetensors(path, list, { format: "pt" })
}

export const vaeAttention = "encoder.mid_block.attentions.0"

export const tinyWeights = {
  unet: { "conv_in.weight": [2, 4, 3, 3], "conv_in.bias": [2], "time_embedding.linear_1.weight": [3, 2] },
  vae: {
    [`${vaeAttention}.query.weight`]: [2, 2, 1, 1],
    [`${vaeAttention}.proj_attn.bias`]: [2],
    "quant_conv.weight": [2, 2, 1, 1],
  },
  text_encoder: {
    "embeddings.token_embedding.weight": [5, 2],
    "embeddings.position_ids": [1, 3],
    "final_layer_norm.bias": [2],
  },
} as const

/** Writes the folder with old VAE names and transformers 5 text encoder names. */
export async function writeTinyFolder(directory: string): Promise<void> {
  const json = async (path: string, value: unknown) => writeFile(join(directory, path), JSON.stringify(value))
  const directories = ["unet", "vae", "text_encoder", "tokenizer", "scheduler", "feature_extractor", "safety_checker"]
  for (const name of directories) await mkdir(join(directory, name), { recursive: true })
  await json("model_index.json", {
    _class_name: "StableDiffusionPipeline",
    _diffusers_version: "0.40.0",
    feature_extractor: ["transformers", "CLIPImageProcessor"],
    safety_checker: ["stable_diffusion", "StableDiffusionSafetyChecker"],
    scheduler: ["diffusers", "DDIMScheduler"],
    text_encoder: ["transformers", "CLIPTextModel"],
    tokenizer: ["transformers", "CLIPTokenizer"],
    unet: ["diffusers", "UNet2DConditionModel"],
    vae: ["diffusers", "AutoencoderKL"],
  })
  for (const name of ["unet", "vae", "text_encoder"]) await json(`${name}/config.json`, { name })
  await json("scheduler/scheduler_config.json", { _class_name: "DDIMScheduler", beta_end: 0.02 })
  await json("tokenizer/vocab.json", { a: 0 })
  await writeFile(join(directory, "tokenizer", "merges.txt"), "#version: 0.2\n")
  await json("feature_extractor/preprocessor_config.json", {})
  await json("safety_checker/config.json", {})
  await writeFile(join(directory, "safety_checker", "pytorch_model.bin"), "pickle")
  await writeTinyTensors(join(directory, "unet", "diffusion_pytorch_model.safetensors"), tinyWeights.unet)
  await writeTinyTensors(join(directory, "vae", "diffusion_pytorch_model.safetensors"), tinyWeights.vae)
  await writeTinyTensors(join(directory, "text_encoder", "model.safetensors"), tinyWeights.text_encoder)
}

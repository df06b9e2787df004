/** A trained starter model as a diffusers folder in half precision. */

import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { modelSettingsFile } from "@fjord/contracts"
import { float32ToFloat16, type NamedTensor, writeSafetensors } from "@fjord/engine"
import { starterSettings } from "../settings.ts"
import { starterTokenizer, writeStarterTokenizer } from "../tokenizer/starterTokenizer.ts"
import type { Architecture } from "./architecture.ts"
import type { Learner } from "./learner.ts"
import type { Component, Networks } from "./networks.ts"

export interface TrainedModel {
  readonly architecture: Architecture
  readonly nets: Networks
  readonly autoencoder: Learner
  readonly denoiser: Learner
  readonly scalingFactor: number
}

/** Writes the averaged weights; files that are there are replaced, model_index.json last. */
export async function exportModel(directory: string, trained: TrainedModel): Promise<void> {
  const { architecture, autoencoder, denoiser, scalingFactor } = trained
  const vocabulary = { vocab_size: starterTokenizer().vocabularySize }
  await writeComponent(directory, "vae", trained, autoencoder, {
    ...architecture.vae,
    scaling_factor: Number(scalingFactor.toPrecision(6)),
  })
  await writeComponent(directory, "unet", trained, denoiser, architecture.unet)
  await writeComponent(directory, "text_encoder", trained, denoiser, { ...architecture.textEncoder, ...vocabulary })
  await writeStarterTokenizer(join(directory, "tokenizer"))
  await writeJson(directory, "scheduler/scheduler_config.json", architecture.scheduler)
  await writeJson(directory, modelSettingsFile, starterSettings(architecture.resolution))
  await writeJson(directory, "model_index.json", {
    _class_name: "StableDiffusionPipeline",
    feature_extractor: [null, null],
    requires_safety_checker: false,
    safety_checker: [null, null],
    scheduler: ["diffusers", architecture.scheduler._class_name],
    text_encoder: ["transformers", "CLIPTextModel"],
    tokenizer: ["transformers", "CLIPTokenizer"],
    unet: ["diffusers", "UNet2DConditionModel"],
    vae: ["diffusers", "AutoencoderKL"],
  })
}

async function writeComponent(
  directory: string,
  component: Component,
  { nets }: TrainedModel,
  learner: Learner,
  config: object,
): Promise<void> {
  await writeJson(directory, `${component}/config.json`, config)
  const tensors = [...nets.shapes[component]].map(([name, shape]): NamedTensor => {
    const key = `${component}.${name}`
    const values = learner.average.get(key) ?? learner.frozen.get(key)
    if (!values) throw new Error(`${component}.${name} was not trained.`)
    return { name, dataType: "F16", shape, data: float32ToFloat16(values) }
  })
  await writeSafetensors(weightsFile(directory, component), tensors)
}

/** Where a diffusers folder has a component's weights. */
export function weightsFile(directory: string, component: Component): string {
  const name = component === "text_encoder" ? "model" : "diffusion_pytorch_model"
  return join(directory, component, `${name}.safetensors`)
}

async function writeJson(directory: string, name: string, value: object): Promise<void> {
  const file = join(directory, name)
  await mkdir(join(file, ".."), { recursive: true })
  await writeFile(file, `${JSON.stringify(value, null, 2)}\n`)
}

/** What a finished run leaves in its output folder. */

import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { TrainingConfig } from "@fjord/contracts"
import { type JsonObject, jsonText } from "../folder/json.ts"
import { writePipeline } from "../folder/writePipeline.ts"
import { baseModelStrings, familyOfFolder, predictionOf } from "../formats/folderFamily.ts"
import { version } from "../imageMetadata.ts"
import { saveLora } from "../lora/saveLora.ts"
import type { StableDiffusion } from "../stableDiffusion.ts"
import type { Trainable } from "./trainable.ts"

export interface Provenance {
  readonly baseModelHash: string
  readonly datasetHash: string
  readonly threads: number
  readonly steps: number
}

/**
 * A full run: a whole pipeline folder. A LoRA run: the file with diffusers' keys and the one with kohya's.
 * Both: training.json with the configuration and hashes. The file that marks a finished run is moved in last.
 */
export async function writeResult(
  model: StableDiffusion,
  trainable: Trainable,
  config: TrainingConfig,
  provenance: Provenance,
): Promise<{ readonly files: readonly string[]; readonly notes: readonly string[] }> {
  const staging = join(config.output, ".result")
  await rm(staging, { recursive: true, force: true })
  let notes: readonly string[] = []
  if (config.method === "lora") {
    await mkdir(staging, { recursive: true })
    await saveLora(staging, trainable.lora, {
      name: "pytorch_lora_weights",
      kohyaMetadata: kohyaMetadata(model, config, provenance),
    })
  } else {
    const component = (name: string) =>
      new Map(
        [...trainable.parameters].flatMap(([key, values]) =>
          key.startsWith(`${name}.`) ? [[key.slice(name.length + 1), values] as const] : [],
        ),
      )
    notes = (
      await writePipeline(staging, {
        base: model.folder,
        unet: component("unet"),
        ...(config.trainTextEncoder && { textEncoder: component("text_encoder") }),
      })
    ).notes
  }
  const options = JSON.parse(JSON.stringify(config)) as JsonObject
  // Where the folders lay is no part of what was made: equal runs give equal bytes.
  for (const key of ["model", "instanceImages", "classImages", "output"]) delete options[key]
  await writeFile(join(staging, "training.json"), jsonText({ version, ...provenance, config: options }))
  const last = (name: string) => name === "model_index.json" || name === "pytorch_lora_weights.safetensors"
  const names = (await readdir(staging)).sort((a, b) => Number(last(a)) - Number(last(b)) || (a < b ? -1 : 1))
  for (const name of names) {
    await rm(join(config.output, name), { recursive: true, force: true })
    await rename(join(staging, name), join(config.output, name))
  }
  await rm(staging, { recursive: true, force: true })
  return { files: names.map((name) => join(config.output, name)), notes }
}

/** kohya's and Stability's metadata keys, as far as they are known and without dates. */
function kohyaMetadata(
  { folder }: StableDiffusion,
  config: TrainingConfig,
  { baseModelHash, datasetHash, steps }: Provenance,
): Record<string, string> {
  return {
    ss_learning_rate: `${config.learningRate}`,
    ss_lr_scheduler: config.lrScheduler,
    ss_max_train_steps: `${config.maxTrainSteps}`,
    ss_steps: `${steps}`,
    ss_resolution: `(${config.resolution}, ${config.resolution})`,
    ss_batch_size_per_device: `${config.trainBatchSize}`,
    ss_gradient_accumulation_steps: `${config.gradientAccumulationSteps}`,
    ss_optimizer: config.use8bitAdam ? "AdamW8bit" : "AdamW",
    ss_seed: `${config.seed}`,
    ss_min_snr_gamma: `${config.snrGamma ?? "None"}`,
    ss_noise_offset: `${config.noiseOffset || "None"}`,
    ss_sd_model_hash: baseModelHash,
    ss_new_sd_model_hash: baseModelHash,
    "modelspec.sai_model_spec": "1.0.0",
    ...baseModelStrings(familyOfFolder(folder), predictionOf(folder.schedulerConfig)),
    "modelspec.implementation": "diffusers",
    "modelspec.title": config.instancePrompt ?? "LoRA",
    "modelspec.trigger_phrase": config.instancePrompt ?? "",
    "modelspec.hash_sha256_dataset": datasetHash,
    "modelspec.resolution": `${config.resolution}x${config.resolution}`,
  }
}

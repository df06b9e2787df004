/** Which family a model folder is of, and how other programs call it. */

import type { JsonObject } from "../folder/json.ts"
import type { ModelFolder } from "../folder/modelFolder.ts"
import type { PredictionType } from "./checkpointConfigs.ts"
import type { Family } from "./checkpointKind.ts"

/** SD 1.x and 2.x differ by the projections of their UNets, linear since 2.0. */
export function familyOfFolder({ unet, textEncoder2 }: ModelFolder): Family {
  if (textEncoder2 !== null) return "sdxl"
  return unet.config.use_linear_projection === true ? "sd2" : "sd1"
}

export function predictionOf(schedulerConfig: JsonObject): PredictionType {
  return schedulerConfig.prediction_type === "v_prediction" ? "v_prediction" : "epsilon"
}

/** Stability AI's name of the architecture (github.com/Stability-AI/ModelSpec). */
export function architectureOf(family: Family, prediction: PredictionType): string {
  if (family === "sd1") return "stable-diffusion-v1"
  if (family === "sdxl") return "stable-diffusion-xl-v1-base"
  return prediction === "v_prediction" ? "stable-diffusion-v2-768-v" : "stable-diffusion-v2-512"
}

/** What a kohya LoRA file says of the model it is for; strings by which other programs sort and check LoRAs. */
export function baseModelStrings(family: Family, prediction: PredictionType): Record<string, string> {
  const versions: Record<Family, string> = { sd1: "sd_v1", sd2: "sd_v2", sdxl: "sdxl_base_v1-0" }
  const velocity = prediction === "v_prediction"
  return {
    ss_base_model_version: `${versions[family]}${family === "sd2" && velocity ? "_v" : ""}`,
    ss_v2: family === "sd2" ? "True" : "False",
    "modelspec.architecture": `${architectureOf(family, prediction)}/lora`,
  }
}

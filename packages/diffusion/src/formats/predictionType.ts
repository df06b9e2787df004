/** Whether a checkpoint predicts noise or velocity, which no name or shape tells. */

import type { SafetensorsFile } from "@fjord/engine"
import type { PredictionType } from "./checkpointConfigs.ts"
import { type Family, unetPrefix } from "./checkpointKind.ts"
import { readNumbers } from "./storedTensor.ts"

export interface FoundPrediction {
  readonly type: PredictionType
  /** Where it is known from, for the person to check. */
  readonly ground: string
}

/**
 * In this order: the file's metadata (modelspec.prediction_type), the marker tensor `v_pred` of v-prediction models for
 * SDXL, and for SD 2.x the spread of one bias that differs between the published models, as ComfyUI tells them apart
 * (comfy/supported_models.py, SD20.model_type).
 */
export async function findPredictionType(file: SafetensorsFile, family: Family): Promise<FoundPrediction> {
  const stated = file.metadata["modelspec.prediction_type"]
  if (stated === "v" || stated === "v_prediction") return { type: "v_prediction", ground: "the file's metadata" }
  if (stated === "epsilon") return { type: "epsilon", ground: "the file's metadata" }
  if (file.tensors.has("v_pred")) return { type: "v_prediction", ground: "the file's v_pred marker" }
  if (family !== "sd2") return { type: "epsilon", ground: "its architecture" }
  const bias = file.tensors.get(`${unetPrefix}output_blocks.11.1.transformer_blocks.0.norm1.bias`)
  if (bias === undefined) return { type: "epsilon", ground: "its architecture" }
  const numbers = await readNumbers({ path: file.path, ...bias })
  const mean = numbers.reduce((sum, x) => sum + x, 0) / numbers.length
  const variance = numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / numbers.length
  const type = Math.sqrt(variance) > 0.09 ? "v_prediction" : "epsilon"
  return { type, ground: "the spread of a bias, which is a guess" }
}

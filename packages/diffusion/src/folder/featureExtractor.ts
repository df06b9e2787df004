/** The image processor that diffusers' pipelines carry for the safety checker. */

import { copyFile, rename, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { writeDirectoryAtomically } from "./atomicDirectory.ts"
import { jsonText, readJsonObject } from "./json.ts"

const configName = "preprocessor_config.json"

/** @throws one sentence where the folder has no image processor. */
export async function checkFeatureExtractor(source: string): Promise<void> {
  await readJsonObject(join(source, configName), "The configuration of the feature extractor")
}

/** Adds a feature extractor to a written pipeline folder: its configuration, and its entry in model_index.json. */
export async function addFeatureExtractor(pipeline: string, source: string): Promise<void> {
  await checkFeatureExtractor(source)
  await writeDirectoryAtomically(join(pipeline, "feature_extractor"), (root) =>
    copyFile(join(source, configName), join(root, configName)),
  )
  const path = join(pipeline, "model_index.json")
  const index = await readJsonObject(path, "The index of the diffusers model folder")
  const temporary = join(pipeline, ".model_index.json.partial")
  await writeFile(temporary, jsonText({ ...index, feature_extractor: ["transformers", "CLIPImageProcessor"] }))
  await rename(temporary, path)
}

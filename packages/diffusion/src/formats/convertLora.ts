/** LoRA files from one form to another. */

import { mkdir, writeFile } from "node:fs/promises"
import { dirname, join, resolve } from "node:path"
import { writeSafetensors } from "@fjord/engine"
import { writeDirectoryAtomically } from "../folder/atomicDirectory.ts"
import { jsonText } from "../folder/json.ts"
import { openModelFolder } from "../folder/modelFolder.ts"
import { type LoraFile, type LoraLayer, refuseOtherAdapters } from "../lora/loadLora.ts"
import { loadLoraFor, loadLoraOnto } from "../lora/loadLoraFor.ts"
import { diffusersTensors, kohyaTensors, peftConfig, peftTensors } from "../lora/loraForms.ts"
import { writeAdapterMetadata } from "../lora/loraMetadata.ts"
import { loraSources } from "../lora/loraSource.ts"
import { kohyaSummary, saveLora } from "../lora/saveLora.ts"
import type { PredictionType } from "./checkpointConfigs.ts"
import { type Family, familyNames } from "./checkpointKind.ts"
import { baseModelStrings, familyOfFolder, predictionOf } from "./folderFamily.ts"
import { publishedTarget } from "./publishedShapes.ts"
import { refuseExisting, refusePickle, type TransferResult } from "./transfer.ts"

export type LoraForm = "diffusers" | "kohya" | "peft"

export interface ConvertLoraOptions {
  /** Folder of the model that the LoRA is for; absent tries the published models. */
  readonly model?: string | undefined
}

interface ReadLora extends LoraFile {
  readonly family: Family
  /** Known only where the model was given. */
  readonly prediction: PredictionType
}

/** Reads a LoRA of any form. @throws one sentence for other adapters and where it fits no model. */
async function readLora(path: string, { model }: ConvertLoraOptions): Promise<ReadLora> {
  refusePickle(path)
  if (model !== undefined) {
    const folder = await openModelFolder(model)
    const prediction = predictionOf(folder.schedulerConfig)
    return { ...(await loadLoraFor(folder, path)), family: familyOfFolder(folder), prediction }
  }
  for (const { file } of await loraSources(path)) refuseOtherAdapters(file)
  const failures: unknown[] = []
  for (const family of ["sd1", "sd2", "sdxl"] as const)
    try {
      return { ...(await loadLoraOnto(publishedTarget(family), path)), family, prediction: "epsilon" }
    } catch (error) {
      failures.push(error)
    }
  const [first] = failures
  const why = first instanceof Error ? first.message : String(first)
  throw new Error(
    `The LoRA ${path} fits none of ${Object.values(familyNames).join(", ")} as published (${why}); give the model it ` +
      "is for with --model.",
    { cause: first },
  )
}

function notesOf(lora: ReadLora): string[] {
  return [
    `${lora.layers.length} layers for ${familyNames[lora.family]}.`,
    ...(lora.layers.some(({ alpha, rank }) => alpha !== rank)
      ? ["Its alpha is not its rank: diffusers' form has it multiplied into the weights, kohya's and PEFT's state it."]
      : []),
  ]
}

/** A LoRA of any form as a folder with the diffusers file and the kohya file, as training leaves it. */
export async function importLora(path: string, directory: string, options: ConvertLoraOptions = {}) {
  const target = resolve(directory)
  await refuseExisting(target)
  const lora = await readLora(path, options)
  await writeDirectoryAtomically(target, async (root) => {
    await saveLora(root, lora.layers, {
      name: "pytorch_lora_weights",
      kohyaMetadata: stringsOf(lora),
      numberedTextEncoders: lora.family === "sdxl",
      dataType: lora.dataType,
    })
  })
  return { output: target, notes: notesOf(lora) } satisfies TransferResult
}

/**
 * Writes a LoRA in another form: a .safetensors file for diffusers and kohya; for PEFT a folder with one adapter for
 * each component, as `PeftModel.from_pretrained` reads it.
 */
export async function convertLora(
  path: string,
  output: string,
  form: LoraForm,
  options: ConvertLoraOptions = {},
): Promise<TransferResult> {
  const target = resolve(output)
  if (form !== "peft" && !output.endsWith(".safetensors")) throw new Error(`${output} must end in .safetensors.`)
  await refuseExisting(target)
  const lora = await readLora(path, options)
  const { layers, dataType } = lora
  if (form === "peft") await writePeftFolder(target, lora)
  else {
    await mkdir(dirname(target), { recursive: true })
    if (form === "diffusers")
      await writeSafetensors(target, diffusersTensors(layers, dataType), {
        lora_adapter_metadata: writeAdapterMetadata(layers),
      })
    else
      await writeSafetensors(target, kohyaTensors(layers, lora.family === "sdxl", dataType), {
        ...kohyaSummary(layers),
        ...stringsOf(lora),
      })
  }
  return { output: target, notes: notesOf(lora) }
}

/** kohya's and Stability AI's strings pass through where the file had them; the base model's are filled in. */
function stringsOf({ metadata, family, prediction }: ReadLora): Record<string, string> {
  const own = Object.entries(metadata).filter(([key]) => /^(ss_|modelspec\.)/.test(key))
  return { ...baseModelStrings(family, prediction), ...Object.fromEntries(own) }
}

async function writePeftFolder(target: string, { layers, dataType }: ReadLora): Promise<void> {
  const components = Map.groupBy(layers, (layer: LoraLayer) => layer.component)
  await writeDirectoryAtomically(target, async (root) => {
    for (const [component, own] of components) {
      const folder = join(root, component)
      await mkdir(folder)
      await writeFile(join(folder, "adapter_config.json"), jsonText(peftConfig(own, component)))
      await writeSafetensors(join(folder, "adapter_model.safetensors"), peftTensors(own, dataType))
    }
  })
}

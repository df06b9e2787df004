/** Whatever a person has downloaded, as a folder that Fjord reads. */

import { stat } from "node:fs/promises"
import { basename } from "node:path"
import { importLora } from "./convertLora.ts"
import { type ImportCheckpointOptions, importCheckpoint } from "./importCheckpoint.ts"
import { inspectModelFile } from "./inspectFile.ts"
import { refusePickle, type TransferResult } from "./transfer.ts"

export interface ImportOptions extends ImportCheckpointOptions {
  /** For a LoRA: folder of the model it is for; absent tries the published models. */
  readonly model?: string | undefined
}

/**
 * A single-file checkpoint becomes a diffusers folder, a LoRA (also a PEFT folder) one with the diffusers and the kohya
 * file. Which of the two a file is, is seen from its tensors.
 * @throws one sentence for anything else, saying what it is where that is known.
 */
export async function importFile(
  path: string,
  directory: string,
  options: ImportOptions = {},
): Promise<TransferResult> {
  refusePickle(path)
  const found = await stat(path).catch(() => null)
  if (found === null) throw new Error(`${path} does not exist.`)
  if (found.isDirectory()) return importLora(path, directory, options)
  const { kind } = await inspectModelFile(path)
  if (kind === "lora") return importLora(path, directory, options)
  if (kind === "checkpoint") return importCheckpoint(path, directory, options)
  throw new Error(
    `${path} is a textual-inversion embedding, which is used as it is: fjord generate --embedding ${basename(path)}.`,
  )
}

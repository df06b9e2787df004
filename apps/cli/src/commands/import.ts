/** `fjord import`: a single-file checkpoint or a LoRA as a folder. */

import type { PredictionType } from "@fjord/diffusion"
import { requireWritable } from "../requireWritable.ts"
import { Sentence } from "../sentence.ts"
import { parseDataType, runTransfer } from "../transferring.ts"

type ImportFlags = {
  readonly out: string
  readonly json: boolean
  readonly tokenizer?: string
  readonly base?: string
  readonly predictionType?: string
  readonly dtype?: string
  readonly model?: string
}

function parsePrediction(name: string | undefined): PredictionType | undefined {
  if (name === undefined || name === "epsilon" || name === "v_prediction") return name
  throw new Sentence(`fjord import: --prediction-type must be one of epsilon, v_prediction, got ${name}.`)
}

export async function importModel(file: string, flags: ImportFlags): Promise<void> {
  const dataType = parseDataType(flags.dtype)
  const predictionType = parsePrediction(flags.predictionType)
  requireWritable(flags.out, "choose another place with --out")
  const { importFile } = await import("@fjord/diffusion")
  const { tokenizer, base, model, out } = flags
  const given = { tokenizer, base, model, dataType, predictionType }
  await runTransfer((options) => importFile(file, out, { ...given, ...options }), flags)
}

/** `fjord export`: a model or a LoRA in another program's form. */

import { existsSync } from "node:fs"
import { requireWritable } from "../requireWritable.ts"
import { Sentence } from "../sentence.ts"
import { parseDataType, runTransfer } from "../transferring.ts"

type ExportFlags = {
  readonly format: string
  readonly out: string
  readonly json: boolean
  readonly dtype?: string
  readonly width?: string
  readonly height?: string
  readonly batch?: string
  readonly model?: string
}

const formats = ["single-file", "onnx", "fp16", "kohya", "peft", "diffusers"] as const

function isFormat(name: string): name is (typeof formats)[number] {
  return formats.some((format) => format === name)
}

function parseCount(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new Sentence(`fjord export: ${flag} must be a whole number of at least 1, got ${text}.`)
}

/** @throws Sentence for an unknown format, a missing path or a flag out of range. */
export async function exportModel(path: string, flags: ExportFlags): Promise<void> {
  const { format, out, model } = flags
  if (!isFormat(format))
    throw new Sentence(`fjord export: --format must be one of ${formats.join(", ")}, got ${format}.`)
  if (!existsSync(path)) throw new Sentence(`${path} does not exist.`)
  const dataType = parseDataType(flags.dtype)
  const size = {
    width: parseCount("--width", flags.width),
    height: parseCount("--height", flags.height),
    batch: parseCount("--batch", flags.batch),
  }
  requireWritable(out, "choose another place with --out")
  const { convertLora, convertWeights, exportCheckpoint, exportOnnx } = await import("@fjord/diffusion")
  await runTransfer((options) => {
    switch (format) {
      case "single-file":
        return exportCheckpoint(path, out, { ...options, dataType })
      case "onnx":
        return exportOnnx(path, out, { ...options, ...size })
      case "fp16":
        return convertWeights(path, out, "F16", options)
      default:
        return convertLora(path, out, format, { model })
    }
  }, flags)
}

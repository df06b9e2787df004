/** Conversions of files as a job of a compute process: what they tell, in the events of a run. */

import { copyFile, mkdir } from "node:fs/promises"
import { join } from "node:path"
import type { FjordEvent } from "@fjord/contracts"
import { convertLora, type LoraForm } from "../formats/convertLora.ts"
import { type ExportCheckpointOptions, exportCheckpoint } from "../formats/exportCheckpoint.ts"
import { type ExportOnnxOptions, exportOnnx } from "../formats/exportOnnx.ts"
import { type ImportOptions, importFile } from "../formats/importFile.ts"
import { convertWeights, type MergeOptions, mergeLoras } from "../formats/rewriteFolder.ts"
import type { TransferOptions, TransferResult } from "../formats/transfer.ts"
import { contactSheet } from "../images/contactSheet.ts"
import { newModel } from "../models/newModel.ts"
import type { NewModelKind } from "../models/newModelConfigs.ts"
import { reported } from "../reported.ts"
import { embeddingFileName, loadEmbedding } from "../text/embeddingFile.ts"
import { residentMemory } from "../training/residentMemory.ts"

type Options<All extends TransferOptions> = Omit<All, keyof TransferOptions>

/** `output` is a new file or folder. */
export type Conversion = { readonly output: string } & (
  | { readonly kind: "import"; readonly file: string; readonly options: Options<ImportOptions> }
  | { readonly kind: "importEmbedding"; readonly file: string }
  | { readonly kind: "singleFile"; readonly model: string; readonly options: Options<ExportCheckpointOptions> }
  | { readonly kind: "onnx"; readonly model: string; readonly options: Options<ExportOnnxOptions> }
  | { readonly kind: "fp16"; readonly model: string }
  | { readonly kind: "lora"; readonly file: string; readonly form: LoraForm; readonly model: string | undefined }
  | { readonly kind: "merge"; readonly model: string; readonly options: Options<MergeOptions> }
  | { readonly kind: "newModel"; readonly shape: NewModelKind; readonly seed: number }
  | { readonly kind: "grid"; readonly files: readonly string[]; readonly columns: number | undefined }
)

const work: {
  readonly [Kind in Conversion["kind"]]: (
    conversion: Extract<Conversion, { kind: Kind }>,
    options: TransferOptions,
  ) => Promise<TransferResult>
} = {
  import: ({ file, output, options }, more) => importFile(file, output, { ...options, ...more }),
  async importEmbedding({ file, output }) {
    await loadEmbedding(file)
    await mkdir(output)
    await copyFile(file, join(output, embeddingFileName))
    return { output, notes: [] }
  },
  singleFile: ({ model, output, options }, more) => exportCheckpoint(model, output, { ...options, ...more }),
  onnx: ({ model, output, options }, more) => exportOnnx(model, output, { ...options, ...more }),
  fp16: ({ model, output }, more) => convertWeights(model, output, "F16", more),
  lora: ({ file, output, form, model }) => convertLora(file, output, form, { model }),
  merge: ({ model, output, options }, more) => mergeLoras(model, output, { ...options, ...more }),
  async newModel({ shape, seed, output }) {
    await newModel(shape, output, seed)
    return { output, notes: [] }
  },
  async grid({ files, output, columns }) {
    await contactSheet(files, output, columns)
    return { output, notes: [] }
  },
}

/** Yields the latest progress whenever whoever listens wants more, then the notes and what was written. */
export async function* convert(conversion: Conversion, signal: AbortSignal): AsyncGenerator<FjordEvent> {
  // The table is total over the kinds, which TypeScript cannot see through an index.
  const run = work[conversion.kind] as (conversion: Conversion, options: TransferOptions) => Promise<TransferResult>
  const { output, notes } = yield* reported<FjordEvent, TransferResult>((report) => {
    const done = new Map<string, { doneBytes: number; totalBytes: number }>()
    const onProgress: TransferOptions["onProgress"] = ({ file, doneBytes, totalBytes }) => {
      done.set(file, { doneBytes, totalBytes })
      const sum = (of: "doneBytes" | "totalBytes") => done.values().reduce((bytes, part) => bytes + part[of], 0)
      report({ type: "Transferred", bytes: sum("doneBytes"), totalBytes: sum("totalBytes") })
    }
    return run(conversion, { signal, onProgress })
  })
  for (const text of notes) yield { type: "Message", level: "info", text }
  const { peakBytes } = residentMemory()
  yield { type: "RunFinished", folder: output, files: [output], peakBytes, estimateBytes: 0 }
}

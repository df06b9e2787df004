/** A model that knows more words: rows added to its table of tokens and to its tokenizer, in memory only. */

import { basename } from "node:path"
import type { GenerationConfig } from "@fjord/contracts"
import { readFloat32 } from "@fjord/engine"
import { fileSha256 } from "./folder/modelHash.ts"
import type { StableDiffusion } from "./stableDiffusion.ts"
import { loadClipTokenizer } from "./text/clipTokenizer.ts"
import { loadEmbedding } from "./text/embeddingFile.ts"
import type { AddedWord } from "./text/tokenizerFiles.ts"

const tableKey = "text_model.embeddings.token_embedding.weight"

export interface WithEmbeddings {
  readonly model: StableDiffusion
  readonly embeddings: readonly { readonly file: string; readonly token: string; readonly sha256: string }[]
}

/**
 * The model with the words of textual-inversion files. A file of n vectors makes its word n tokens long.
 * @throws one sentence where a file is for another width of text encoder, or its word is in the vocabulary already.
 */
export async function withEmbeddings(
  model: StableDiffusion,
  files: GenerationConfig["embeddings"],
): Promise<WithEmbeddings> {
  if (files.length === 0) return { model, embeddings: [] }
  const { textEncoder } = model.folder
  const entry = textEncoder.weights.get(tableKey)
  if (entry === undefined) throw new Error(`The text encoder of ${model.folder.directory} has no ${tableKey}.`)
  const { hidden_size: width, vocab_size: known } = model.textConfig
  const words: AddedWord[] = []
  const rows: Float32Array[] = []
  const embeddings: { file: string; token: string; sha256: string }[] = []
  let next = known
  for (const { file, token: given } of files) {
    const { token: own, textEncoder: vectors, textEncoder2 } = await loadEmbedding(file)
    if (vectors === null || vectors.width !== width || textEncoder2 !== null)
      throw new Error(
        `The embedding ${file} is for ${textEncoder2 !== null ? "Stable Diffusion XL" : `text states of ${vectors?.width ?? 0} numbers`}, ` +
          `but this model's text encoder has ${width}; use one that was made for this kind of model.`,
      )
    const token = given ?? own
    const first = next
    words.push({ token, ids: Array.from({ length: vectors.count }, (_, i) => first + i) })
    rows.push(vectors.data)
    next += vectors.count
    embeddings.push({ file: basename(file), token, sha256: await fileSha256(file) })
  }
  const table = new Float32Array(next * width)
  table.set(await readFloat32(entry.file, entry.key))
  let offset = known * width
  for (const row of rows) {
    table.set(row, offset)
    offset += row.length
  }
  const larger = { ...entry, shape: [next, width], dataType: "F32" as const }
  const weights = new Map([...textEncoder.weights, [tableKey, larger]])
  return {
    model: {
      ...model,
      folder: { ...model.folder, textEncoder: { ...textEncoder, weights } },
      textConfig: { ...model.textConfig, vocab_size: next },
      tokenizer: await loadClipTokenizer(model.folder.tokenizerDirectory, words),
      weights: new Map([...model.weights, [`text_encoder.${tableKey}`, { kind: "memory", values: table }]]),
    },
    embeddings,
  }
}

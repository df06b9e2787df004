/** A model that knows more words: rows added to its table of tokens and to its tokenizer, in memory only. */

import { basename } from "node:path"
import type { GenerationConfig } from "@fjord/contracts"
import { readFloat32, type Weight } from "@fjord/engine"
import type { WeightedComponent } from "./folder/modelFolder.ts"
import { fileSha256 } from "./folder/modelHash.ts"
import { joined } from "./joined.ts"
import type { ClipTextConfig } from "./models/clipTextEncoder.ts"
import type { StableDiffusion } from "./stableDiffusion.ts"
import { loadClipTokenizer } from "./text/clipTokenizer.ts"
import { type EmbeddingVectors, loadEmbedding } from "./text/embeddingFile.ts"
import type { AddedWord } from "./text/tokenizerFiles.ts"

const tableKey = "text_model.embeddings.token_embedding.weight"

export interface WithEmbeddings {
  readonly model: StableDiffusion
  readonly embeddings: readonly { readonly file: string; readonly token: string; readonly sha256: string }[]
}

/**
 * The model with the words of textual-inversion files. A file of n vectors makes its word n tokens long.
 * @throws one sentence where a file is for another kind of text encoder, or its word is in the vocabulary already.
 */
export async function withEmbeddings(
  model: StableDiffusion,
  files: GenerationConfig["embeddings"],
): Promise<WithEmbeddings> {
  if (files.length === 0) return { model, embeddings: [] }
  const { folder, textConfig, second } = model
  const words: { token: string; first: EmbeddingVectors; second: EmbeddingVectors | null }[] = []
  const embeddings: { file: string; token: string; sha256: string }[] = []
  for (const { file, token: given } of files) {
    const { token: own, textEncoder: vectors, textEncoder2 } = await loadEmbedding(file)
    const wanted = [textConfig.hidden_size, ...(second ? [second.config.hidden_size] : [])]
    const found = [vectors, textEncoder2].filter((part) => part !== null)
    if (vectors === null || found.map(({ width }) => width).join() !== wanted.join())
      throw new Error(
        `The embedding ${file} is for text encoders of ${found.map(({ width }) => width).join(" and ")} numbers, but this ` +
          `model's have ${wanted.join(" and ")}; use one that was made for this kind of model.`,
      )
    if (textEncoder2 !== null && textEncoder2.count !== vectors.count)
      throw new Error(
        `The embedding ${file} has ${vectors.count} and ${textEncoder2.count} vectors; wanted as many for both.`,
      )
    const token = given ?? own
    words.push({ token, first: vectors, second: textEncoder2 })
    embeddings.push({ file: basename(file), token, sha256: await fileSha256(file) })
  }
  const first = await enlarged(
    folder.textEncoder,
    textConfig,
    folder.tokenizerDirectory,
    words.map((word) => ({ token: word.token, vectors: word.first })),
  )
  const other =
    second && folder.textEncoder2 && folder.tokenizer2Directory !== null
      ? await enlarged(
          folder.textEncoder2,
          second.config,
          folder.tokenizer2Directory,
          words.flatMap((word) => (word.second ? [{ token: word.token, vectors: word.second }] : [])),
        )
      : null
  return {
    model: {
      ...model,
      folder: { ...folder, textEncoder: first.component, ...(other && { textEncoder2: other.component }) },
      textConfig: first.config,
      tokenizer: first.tokenizer,
      ...(other && { second: { config: other.config, tokenizer: other.tokenizer } }),
      weights: new Map([...model.weights, ...first.weights, ...(other?.weights ?? [])]),
    },
    embeddings,
  }
}

/** One text encoder with more words: its rows of the table follow those it has. */
async function enlarged(
  component: WeightedComponent,
  config: ClipTextConfig,
  tokenizerDirectory: string,
  words: readonly { readonly token: string; readonly vectors: EmbeddingVectors }[],
) {
  const entry = component.weights.get(tableKey)
  if (entry === undefined) throw new Error(`${component.name} in ${component.directory} has no ${tableKey}.`)
  const { hidden_size: width, vocab_size: known } = config
  const added: AddedWord[] = []
  let next = known
  for (const { token, vectors } of words) {
    const first = next
    added.push({ token, ids: Array.from({ length: vectors.count }, (_, i) => first + i) })
    next += vectors.count
  }
  const old = await readFloat32(entry.file, entry.key)
  const table = joined([old.subarray(0, known * width), ...words.map(({ vectors }) => vectors.data)])
  const larger = { ...entry, shape: [next, width], dataType: "F32" as const }
  const weight: Weight = { kind: "memory", values: table }
  return {
    component: { ...component, weights: new Map([...component.weights, [tableKey, larger]]) },
    config: { ...config, vocab_size: next },
    tokenizer: await loadClipTokenizer(tokenizerDirectory, added),
    weights: new Map([[`${component.name}.${tableKey}`, weight]]),
  }
}

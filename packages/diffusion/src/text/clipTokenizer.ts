import { Tokenizer } from "@huggingface/tokenizers"
import { type AddedWord, readTokenizerFiles } from "./tokenizerFiles.ts"

/** "max_length" pads to the tokenizer's model_max_length (77), "longest" to the longest of the batch, "none" not at all. */
export type Padding = "max_length" | "longest" | "none"

export interface TokenizedText {
  /** Token ids with bos and eos, at most modelMaxLength of them before padding. */
  readonly ids: readonly number[]
  /** 1 for tokens of the text (bos and eos included), 0 for padding. */
  readonly attentionMask: readonly number[]
  /** How many tokens of the text did not fit and were left out. */
  readonly truncatedTokens: number
}

/**
 * CLIP's byte-pair tokenizer with the ids of transformers' CLIPTokenizer (the fast one; unlike the old slow one it
 * does not run ftfy over the text).
 */
export interface ClipTokenizer {
  readonly bosId: number
  readonly eosId: number
  /** SD 1.x pads with eos, SD 2.x and SDXL's second tokenizer with "!". */
  readonly padId: number
  readonly modelMaxLength: number
  /** One more than the largest id: the least number of rows the token embedding must have. */
  readonly vocabSize: number
  /** [bos, ...text, eos], however long. */
  encode(text: string): number[]
  /** Ids cut to modelMaxLength (bos and eos are kept) and padded; `padding` is "max_length" by default. */
  tokenize(text: string, options?: { readonly padding?: Padding }): TokenizedText
  /** `tokenize` of several texts; with "longest" all get the length of the longest. */
  tokenizeBatch(texts: readonly string[], options?: { readonly padding?: Padding }): TokenizedText[]
}

/**
 * Reads a tokenizer folder of the diffusers layout: tokenizer.json, or vocab.json and merges.txt; beside them
 * tokenizer_config.json and special_tokens_map.json when there.
 *
 * @throws TokenizerError when a file is missing or is not what its name promises, and for an added word that the
 * vocabulary has already.
 */
export async function loadClipTokenizer(folder: string, words: readonly AddedWord[] = []): Promise<ClipTokenizer> {
  const files = await readTokenizerFiles(folder, words)
  const { bosId, eosId, padId, modelMaxLength, vocabSize } = files
  const idsOfWord = new Map(words.map(({ ids }) => [ids[0], ids]))
  const tokenizer = new Tokenizer(files.tokenizer, {})

  const encode = (text: string): number[] => [
    bosId,
    // The post-processor is not used: a tokenizer.json need not have one that adds both.
    ...tokenizer.encode(text, { add_special_tokens: false }).ids.flatMap((id: number) => idsOfWord.get(id) ?? [id]),
    eosId,
  ]

  const truncate = (ids: number[]): number[] =>
    ids.length <= modelMaxLength ? ids : [...ids.slice(0, modelMaxLength - 1), eosId]

  const tokenizeBatch: ClipTokenizer["tokenizeBatch"] = (texts, options = {}) => {
    const encoded = texts.map(encode)
    const kept = encoded.map(truncate)
    const longest = kept.reduce((length, ids) => Math.max(length, ids.length), 0)
    return kept.map((ids, index) => {
      const whole = encoded[index]?.length ?? ids.length
      const length = paddedLength(options.padding ?? "max_length", ids.length, longest, modelMaxLength)
      const padding = length - ids.length
      return {
        ids: [...ids, ...Array<number>(padding).fill(padId)],
        attentionMask: [...Array<number>(ids.length).fill(1), ...Array<number>(padding).fill(0)],
        truncatedTokens: whole - ids.length,
      }
    })
  }

  return {
    bosId,
    eosId,
    padId,
    modelMaxLength,
    vocabSize,
    encode,
    tokenizeBatch,
    tokenize(text, options) {
      const [only] = tokenizeBatch([text], options)
      if (only === undefined) throw new Error("tokenizing one text gave no result")
      return only
    },
  }
}

function paddedLength(padding: Padding, own: number, longest: number, maximum: number): number {
  if (padding === "max_length") return maximum
  return padding === "longest" ? longest : own
}

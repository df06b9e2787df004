/** Counting the tokens of prompts and captions. */

import type { ClipTokenizer } from "@fjord/diffusion/tokenizer"
import { owned } from "../access.ts"
import type { Context } from "../context.ts"
import { checkedText } from "../text.ts"
import { type GivenEmbedding, type TaughtWord, taughtWords } from "./taughtWords.ts"
import { tokenizerOf } from "./tokenizers.ts"

/** What CLIP's text encoder sees, start and end included. */
const tokenLimit = 77

export type TokenCount = { readonly count: number; readonly limit: number; readonly exact: boolean }

/** CLIP's words: contractions, runs of letters, single digits, runs of other signs. Each becomes one token or more. */
const word = /<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+/gu

/** The least number of tokens that a text can have, whatever the vocabulary, with start and end. */
export function leastTokens(text: string, taught: readonly TaughtWord[] = []): number {
  let rest = text.toLowerCase()
  let tokens = 2
  // The longest first, as a tokenizer looks for them.
  for (const { token, vectors } of taught.toSorted((a, b) => b.token.length - a.token.length)) {
    const parts = rest.split(token.toLowerCase())
    tokens += (parts.length - 1) * vectors
    rest = parts.join(" ")
  }
  return tokens + (rest.match(word)?.length ?? 0)
}

/** How a model counts, exactly or at least. */
export type TokenCounter = { readonly limit: number; readonly exact: boolean; readonly count: (text: string) => number }

/**
 * @param tokenizer undefined where it is not at hand
 * @param taught words that embeddings have added to the tokenizer, if there is one
 */
export const counterOf = (tokenizer: ClipTokenizer | undefined, taught: readonly TaughtWord[] = []): TokenCounter =>
  tokenizer === undefined
    ? { limit: tokenLimit, exact: false, count: (text) => leastTokens(text, taught) }
    : { limit: tokenizer.modelMaxLength, exact: true, count: (text) => tokenizer.encode(text).length }

/** How many tokens the text has, where they are more than fit. A token is a byte at least, so that short texts need no counting. */
export function tokensBeyond({ limit, count }: TokenCounter, text: string): number | undefined {
  if (Buffer.byteLength(text) + 2 <= limit) return undefined
  const tokens = count(text)
  return tokens > limit ? tokens : undefined
}

/** As many whole words from the text's beginning as fit, without the comma at which it then ends. */
export function shortened({ limit, count }: TokenCounter, text: string): string {
  const ends = [...text.matchAll(/\S(?=\s|$)/g)].map(({ index }) => index + 1)
  let fits = 0
  for (let low = 0, high = ends.length; low <= high; ) {
    const middle = (low + high) >> 1
    const within = count(text.slice(0, ends[middle - 1] ?? 0)) <= limit
    if (within) fits = middle
    if (within) low = middle + 1
    else high = middle - 1
  }
  return text.slice(0, ends[fits - 1] ?? 0).replace(/[,;:-]+$/, "")
}

export async function countTokens(
  context: Context,
  baseModelId: string | undefined,
  text: string,
  embeddings: readonly GivenEmbedding[],
): Promise<TokenCount> {
  checkedText(text, "text", 20_000)
  const found =
    baseModelId === undefined ? undefined : context.database.baseModel.findUnique({ where: { id: baseModelId } })
  const model = found && (await owned(context, "VIEWER", "base model", found))
  const taught = await taughtWords(context, embeddings)
  const tokenizer = model && (await tokenizerOf(context, model, taught))
  const { count, limit, exact } = counterOf(tokenizer, taught)
  return { count: count(text), limit, exact }
}

/** Counting the tokens of a prompt. */

import { owned } from "../access.ts"
import type { Context } from "../context.ts"
import { checkedText } from "../text.ts"
import { tokenizerOf } from "./tokenizers.ts"

/** What CLIP's text encoder sees, start and end included. */
export const tokenLimit = 77

export type TokenCount = { readonly count: number; readonly limit: number; readonly exact: boolean }

/** CLIP's words: contractions, runs of letters, single digits, runs of other signs. Each becomes one token or more. */
const word = /<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+/gu

/** The least number of tokens that a text can have, whatever the vocabulary, with start and end. */
export const leastTokens = (text: string) => (text.toLowerCase().match(word)?.length ?? 0) + 2

/** The text as far as `tokenLimit` reaches by the least count, without the comma at which it then ends. */
export function shortened(text: string): string {
  const words = [...text.toLowerCase().matchAll(word)]
  const next = words[tokenLimit - 2]
  return next === undefined
    ? text
    : text
        .slice(0, next.index)
        .trimEnd()
        .replace(/[,;:-]+$/, "")
}

export async function countTokens(
  context: Context,
  baseModelId: string | undefined,
  text: string,
): Promise<TokenCount> {
  checkedText(text, "text", 20_000)
  const found =
    baseModelId === undefined ? undefined : context.database.baseModel.findUnique({ where: { id: baseModelId } })
  const model = found && (await owned(context, "VIEWER", "base model", found))
  const tokenizer = model && (await tokenizerOf(context, model))
  return tokenizer === undefined
    ? { count: leastTokens(text), limit: tokenLimit, exact: false }
    : { count: tokenizer.encode(text).length, limit: tokenizer.modelMaxLength, exact: true }
}

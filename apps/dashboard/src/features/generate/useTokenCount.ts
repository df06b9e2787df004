"use client"

import { useQuery } from "@apollo/client/react"
import { CountTokensDocument } from "../../graphql/generated/graphql.ts"
import { useSettled } from "../start/useSettled.ts"
import type { EmbeddingChoice } from "./generation.ts"

type TokenCount = { text: string; problem: string | undefined }

/**
 * The tokens of a prompt a moment after the last key, in words; undefined before the first answer and for no prompt.
 * @param embeddings a word of theirs is as many tokens long as its file has vectors
 */
export function useTokenCount(
  prompt: string,
  baseModelId: string | undefined,
  embeddings: readonly EmbeddingChoice[],
): TokenCount | undefined {
  const settled = useSettled(prompt, 250)
  const empty = settled.trim() === ""
  const { data, previousData } = useQuery(CountTokensDocument, {
    variables: {
      baseModelId: baseModelId ?? null,
      text: settled,
      embeddings: embeddings.map(({ id, token }) => ({ modelId: id, token })),
    },
    skip: empty,
  })
  const counted = (data ?? previousData)?.countTokens
  if (empty || counted === undefined) return undefined
  const { count, limit, exact } = counted
  return {
    text: `${exact ? "" : "≥ "}${count} of ${limit} tokens`,
    problem: count > limit ? `Only the first ${limit} tokens are read; the end of it has no effect.` : undefined,
  }
}

"use client"

import { useQuery } from "@apollo/client/react"
import { CountTokensDocument } from "../../graphql/generated/graphql.ts"
import { useSettled } from "../start/useSettled.ts"

/** The tokens of a prompt a moment after the last key; undefined before the first answer and for no prompt. */
export function useTokenCount(text: string, baseModelId: string | undefined) {
  const settled = useSettled(text, 250)
  const empty = settled.trim() === ""
  const { data, previousData } = useQuery(CountTokensDocument, {
    variables: { baseModelId: baseModelId ?? null, text: settled },
    skip: empty,
  })
  return empty ? undefined : (data ?? previousData)?.countTokens
}

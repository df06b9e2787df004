"use client"

import { useQuery } from "@apollo/client/react"
import { SourceRunDocument, type SourceRunQuery } from "../../graphql/generated/graphql.ts"
import type { FormData } from "./GeneratePage.tsx"
import type { Source } from "./generation.ts"

/** A run whose checkpoints may draw. */
export type SourceRun = NonNullable<SourceRunQuery["trainingRun"]>

/** The run behind what draws: a checkpoint's, or the one that a model was made by. */
export function useSourceRun(source: Source | undefined, data: FormData): SourceRun | undefined {
  const runId =
    source?.kind === "checkpoint"
      ? source.runId
      : source?.kind === "model"
        ? data.models.edges.find(({ node }) => node.id === source.id)?.node.run?.id
        : undefined
  const query = useQuery(SourceRunDocument, { variables: { runId: runId ?? "" }, skip: runId === undefined })
  return runId === undefined ? undefined : (query.data?.trainingRun ?? undefined)
}

/** The base model that reads the prompt. */
export function baseModelIdOf(
  source: Source | undefined,
  data: FormData,
  run: SourceRun | undefined,
): string | undefined {
  if (source?.kind === "baseModel") return source.id
  if (source?.kind === "model") return data.models.edges.find(({ node }) => node.id === source.id)?.node.baseModel?.id
  return run?.baseModel?.id
}

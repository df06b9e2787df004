"use client"

/** What is known of whatever draws: the run behind it, the base model under it, and the settings that suit that. */

import { useQuery } from "@apollo/client/react"
import { type OptionFieldsFragment, SourceRunDocument, type SourceRunQuery } from "../../graphql/generated/graphql.ts"
import type { OptionValues } from "../start/draft.ts"
import { withDefaults } from "../start/startData.ts"
import type { FormData } from "./GeneratePage.tsx"
import type { Source } from "./generation.ts"

/** A run whose checkpoints may draw. */
export type SourceRun = NonNullable<SourceRunQuery["trainingRun"]>

export type SourceFacts = {
  /** A checkpoint's run, or the one that a model was made by. */
  readonly run: SourceRun | undefined
  /** It reads the prompt. */
  readonly baseModelId: string | undefined
  /** What the base model says suits it; sent where a person has set nothing. */
  readonly suits: OptionValues
  /** All options of a generation, with what suits as their defaults. */
  readonly options: readonly OptionFieldsFragment[]
}

export function useSource(source: Source | undefined, data: FormData): SourceFacts {
  const model = source?.kind === "model" ? data.models.edges.find(({ node }) => node.id === source.id)?.node : undefined
  const runId = source?.kind === "checkpoint" ? source.runId : model?.run?.id
  const query = useQuery(SourceRunDocument, { variables: { runId: runId ?? "" }, skip: runId === undefined })
  const run = runId === undefined ? undefined : (query.data?.trainingRun ?? undefined)
  const baseModelId =
    source?.kind === "baseModel" ? source.id : source?.kind === "model" ? model?.baseModel?.id : run?.baseModel?.id
  const suits = suitingGeneration(data, baseModelId)
  return { run, baseModelId, suits, options: withDefaults(data.generationOptions, suits) }
}

/** What a base model says suits it: its own settings, and the size that it was made for. */
export function suitingGeneration(data: Pick<FormData, "baseModels">, baseModelId: string | undefined): OptionValues {
  const base = data.baseModels.edges.find(({ node }) => node.id === baseModelId)?.node
  const values: unknown = base?.settings.generation
  return {
    ...(base?.resolution ? { width: base.resolution, height: base.resolution } : {}),
    ...(typeof values === "object" && values !== null ? values : {}),
  }
}

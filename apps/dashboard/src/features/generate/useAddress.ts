"use client"

/** What the address asks to begin with: a model, a base model, a checkpoint of a run, a prompt, or the settings of an image. */

import { useQuery } from "@apollo/client/react"
import { useSearchParams } from "next/navigation"
import { ImageDetailDocument, SourceRunDocument } from "../../graphql/generated/graphql.ts"
import { runOptions } from "../runs/runOptions.ts"
import type { FormData } from "./GeneratePage.tsx"
import { emptyGeneration, type GenerationDraft, recall, withWord } from "./generation.ts"
import { recallFromImage } from "./recall.ts"

type Address = {
  /** Tells one wish from another; empty when the address asks for nothing. */
  wish: string
  /** The draft that the address asks for; undefined while something is looked up. */
  first: ((data: FormData) => GenerationDraft) | undefined
}

export function useAddress(): Address {
  const parameters = useSearchParams()
  const given = (name: string) => parameters.get(name) ?? undefined
  const [model, base, prompt] = [given("model"), given("base"), given("prompt")]
  const [runId, checkpoint, imageId] = [given("run"), given("checkpoint"), given("image")]
  const wish = [model, base, prompt, runId, checkpoint, imageId].some((one) => one !== undefined)
    ? JSON.stringify([model, base, prompt, runId, checkpoint, imageId])
    : ""
  const run = useQuery(SourceRunDocument, { variables: { runId: runId ?? "" }, skip: runId === undefined })
  const image = useQuery(ImageDetailDocument, { variables: { id: imageId ?? "" }, skip: imageId === undefined })
  if (run.loading || image.loading) return { wish, first: undefined }
  const trainingRun = run.data?.trainingRun
  const source = trainingRun?.checkpoints.find(({ id }) => id === checkpoint)
  const detail = image.data?.generatedImage

  const first = (data: FormData): GenerationDraft => {
    const usual = usualDraft(data, model, base)
    const draft: GenerationDraft =
      trainingRun && source
        ? {
            ...usual,
            source: { kind: "checkpoint", id: source.id, runId: trainingRun.id },
            options: { prompt: textOption(runOptions(trainingRun.config).instancePrompt) },
          }
        : usual
    const recalled = detail ? recall(draft, recallFromImage(detail), "all") : draft
    return prompt === undefined ? recalled : { ...recalled, options: { ...recalled.options, prompt } }
  }
  return { wish, first }
}

const textOption = (value: unknown): string => (typeof value === "string" ? value : "")

/**
 * The newest thing trained here draws, unless another is wished; its own prompt is a good first one. An embedding that
 * is wished is added to what draws.
 */
function usualDraft(data: FormData, modelId: string | undefined, baseModelId: string | undefined): GenerationDraft {
  const bases = data.baseModels.edges.map(({ node }) => node)
  const all = data.models.edges.map(({ node }) => node)
  const wished = all.find(({ id }) => id === modelId)
  if (wished?.kind === "EMBEDDING") {
    const embedding = { id: wished.id, name: wished.name, token: wished.instancePrompt ?? wished.name }
    const usual = usualDraft(data, undefined, wished.baseModel?.id ?? baseModelId)
    return withWord({ ...usual, embeddings: [embedding] }, embedding)
  }
  const wishedBase = bases.find(({ id }) => id === baseModelId)
  const models = all.filter(({ kind }) => kind !== "EMBEDDING")
  const model = wished ?? models[0]
  if (model !== undefined && wishedBase === undefined)
    return {
      ...emptyGeneration,
      source: { kind: "model", id: model.id },
      options: { prompt: model.instancePrompt ?? "" },
    }
  const base = wishedBase ?? bases.find(({ ready }) => ready)
  return { ...emptyGeneration, source: base && { kind: "baseModel", id: base.id } }
}

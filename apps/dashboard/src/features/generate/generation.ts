/** What is about to be generated. Pure. */

import type { GenerateImagesInput } from "../../graphql/generated/graphql.ts"
import type { OptionValues } from "../start/draft.ts"
import type { Recalled } from "./recall.ts"

/** What draws; a checkpoint is found again by its run. */
export type Source = { kind: "baseModel" | "model"; id: string } | { kind: "checkpoint"; id: string; runId: string }
export type LoraChoice = { kind: "model" | "checkpoint"; id: string; name: string; weight: number }
/** A textual-inversion embedding and the word that stands for it in the prompt. */
export type EmbeddingChoice = { id: string; name: string; token: string }
/** A picture of the gallery or of a data set. */
export type StartImage = { kind: "generatedImage" | "image"; id: string; url: string; strength: number }

export type GenerationDraft = {
  source: Source | undefined
  loras: readonly LoraChoice[]
  embeddings: readonly EmbeddingChoice[]
  /** A new seed with every press of the button. */
  randomSeed: boolean
  startImage: StartImage | undefined
  /** By the names of GenerationOptionsInput; what is absent has its default. */
  options: OptionValues
}

export type ChangeDraft = (change: (draft: GenerationDraft) => GenerationDraft) => void

/** What of an image's settings is taken over. */
export type RecallPart = "prompt" | "seed" | "all"

export const emptyGeneration: GenerationDraft = {
  source: undefined,
  loras: [],
  embeddings: [],
  randomSeed: true,
  startImage: undefined,
  options: { prompt: "" },
}

/** Much of the picture stays, and its style may still change. */
export const firstStrength = 0.6

export const textOf = (draft: GenerationDraft, name: string): string => {
  const value = draft.options[name]
  return typeof value === "string" ? value : ""
}

/** Absent and empty options are left to the server's defaults. */
export function withGenerationOption(draft: GenerationDraft, name: string, value: unknown): GenerationDraft {
  const { [name]: _gone, ...others } = draft.options
  return { ...draft, options: value === undefined ? others : { ...others, [name]: value } }
}

/** Takes over what an image was made with: its prompt, its seed, or everything that is known of it. */
export function recall(draft: GenerationDraft, recalled: Recalled, what: RecallPart): GenerationDraft {
  const { source, loras, embeddings, startImage, ...settings } = recalled
  const { prompt, negativePrompt, seed } = settings
  if (what === "prompt")
    return {
      ...draft,
      options: {
        ...draft.options,
        ...(prompt === undefined ? {} : { prompt }),
        ...(negativePrompt === undefined ? {} : { negativePrompt }),
      },
    }
  if (what === "seed")
    return seed === undefined ? draft : { ...draft, randomSeed: false, options: { ...draft.options, seed } }
  return {
    source: source ?? draft.source,
    loras: loras ?? draft.loras,
    embeddings: embeddings ?? draft.embeddings,
    // Another one, or one where it started from noise, would draw something else.
    startImage,
    randomSeed: seed === undefined,
    options: { ...draft.options, ...settings },
  }
}

/** Whether the embedding's word stands in one of the prompts; elsewhere it does nothing. */
export const isWritten = (draft: GenerationDraft, { token }: EmbeddingChoice): boolean =>
  textOf(draft, "prompt").includes(token) || textOf(draft, "negativePrompt").includes(token)

/** Writes the embedding's word at the end of the prompt. */
export function withWord(draft: GenerationDraft, { token }: EmbeddingChoice): GenerationDraft {
  const prompt = textOf(draft, "prompt").trimEnd()
  return withGenerationOption(draft, "prompt", prompt === "" ? token : `${prompt}, ${token}`)
}

export function whyNot(draft: GenerationDraft): string | undefined {
  if (draft.source === undefined) return "Choose a model first."
  if (textOf(draft, "prompt").trim() === "") return "Write what the image shall show."
  return undefined
}

/**
 * @param seed drawn for this press, used when the seed is random.
 * @param suits what suits the base model, where a person has set nothing.
 */
export function generationInput(
  draft: GenerationDraft,
  teamId: string,
  seed: number,
  suits: OptionValues = {},
): GenerateImagesInput {
  const { source, startImage } = draft
  return {
    teamId,
    ...(source?.kind === "baseModel" ? { baseModelId: source.id } : {}),
    ...(source?.kind === "model" ? { modelId: source.id } : {}),
    ...(source?.kind === "checkpoint" ? { checkpointId: source.id } : {}),
    loras: draft.loras.map(({ kind, id, weight }) =>
      kind === "model" ? { modelId: id, weight } : { checkpointId: id, weight },
    ),
    embeddings: draft.embeddings.map(({ id, token }) => ({ modelId: id, token })),
    ...(startImage === undefined
      ? {}
      : {
          imageToImage: {
            strength: startImage.strength,
            ...(startImage.kind === "image" ? { imageId: startImage.id } : { generatedImageId: startImage.id }),
          },
        }),
    options: { prompt: "", ...suits, ...draft.options, ...(draft.randomSeed ? { seed } : {}) },
  }
}

/** 32 bits: as many as other programs can take over. */
export const drawSeed = (): number => crypto.getRandomValues(new Uint32Array(1))[0] ?? 0

/** Prompts as what the UNet is conditioned on: text states, and for Stable Diffusion XL what is added to the timestep. */

import { joined } from "./joined.ts"
import { pooledIndex } from "./models/clipTextEncoder.ts"
import { encodePrompts, innerTextProgram, type Machine, type StableDiffusion, type Tuning } from "./stableDiffusion.ts"

export interface TextCondition {
  /** [tokens, channels]; both encoders' channels side by side in Stable Diffusion XL. */
  readonly states: Float32Array
  /** Stable Diffusion XL: the second encoder's projection of the whole prompt; empty for 1.x and 2.x. */
  readonly pooled: Float32Array
}

/** A text as token ids, padded to one length. */
export interface Tokenized {
  readonly ids: readonly number[]
  /** Those of Stable Diffusion XL's second tokenizer; empty for 1.x and 2.x. */
  readonly ids2: readonly number[]
}

/** Texts as conditions, each text encoder loaded once. */
export function textConditions(
  model: StableDiffusion,
  texts: readonly string[],
  tuning: Tuning,
  machine: Machine,
): Promise<TextCondition[]> {
  const tokenized = texts.map((text) => ({
    ids: model.tokenizer.tokenize(text).ids,
    ids2: model.second?.tokenizer.tokenize(text).ids ?? [],
  }))
  return conditionsOf(model, tokenized, tuning, machine)
}

export async function conditionsOf(
  model: StableDiffusion,
  texts: readonly Tokenized[],
  tuning: Tuning,
  machine: Machine,
): Promise<TextCondition[]> {
  const rows = texts.map(({ ids }) => ids)
  if (model.second === null) {
    const states = await encodePrompts(model, rows, tuning, machine)
    return states.map((values) => ({ states: values, pooled: new Float32Array() }))
  }
  const rows2 = texts.map(({ ids2 }) => ids2)
  const first = await encodeInner(model, "first", rows, tuning, machine)
  const second = await encodeInner(model, "second", rows2, tuning, machine)
  const [left, right] = [model.textConfig.hidden_size, model.second.config.hidden_size]
  return texts.map((_, i) => {
    const [a, b] = [first[i]?.states ?? new Float32Array(), second[i]?.states ?? new Float32Array()]
    const tokens = a.length / left
    const rows = Array.from({ length: tokens }, (_, token) => [
      a.subarray(token * left, (token + 1) * left),
      b.subarray(token * right, (token + 1) * right),
    ])
    return { states: joined(rows.flat()), pooled: second[i]?.pooled ?? new Float32Array() }
  })
}

async function encodeInner(
  model: StableDiffusion,
  which: "first" | "second",
  rows: readonly (readonly number[])[],
  tuning: Tuning,
  machine: Machine,
): Promise<TextCondition[]> {
  const config = which === "second" && model.second ? model.second.config : model.textConfig
  const program = await innerTextProgram(model, which, rows[0]?.length ?? 1, tuning, machine)
  try {
    const conditions: TextCondition[] = []
    for (const ids of rows) {
      const { states, projected } = await program.run({ ids: BigInt64Array.from(ids, BigInt) })
      const width = projected.length / ids.length
      const at = pooledIndex(ids, config) * width
      // Copies: the session may use its arrays again.
      conditions.push({
        states: Float32Array.from(states as Float32Array),
        pooled: Float32Array.from((projected as Float32Array).subarray(at, at + width)),
      })
    }
    return conditions
  } finally {
    await program.release()
  }
}

/** The condition of no negative prompt: zeros in Stable Diffusion XL as published, the empty text's elsewhere. */
export function withoutPrompt(model: StableDiffusion, empty: TextCondition): TextCondition {
  if (model.second === null || model.folder.modelIndex.force_zeros_for_empty_prompt !== true) return empty
  return { states: new Float32Array(empty.states.length), pooled: new Float32Array(empty.pooled.length) }
}

/**
 * What Stable Diffusion XL's UNet takes beside the text states, a row for each condition: the pooled text, and the
 * original size, crop and target size in pixels (Podell et al., arXiv 2307.01952, section 2.2).
 */
export function addedConditions(
  model: StableDiffusion,
  rows: readonly TextCondition[],
  { width, height }: { readonly width: number; readonly height: number },
): Readonly<Record<string, Float32Array>> {
  if (model.second === null) return {}
  return {
    textEmbeds: joined(rows.map(({ pooled }) => pooled)),
    timeIds: Float32Array.from(rows.flatMap(() => [height, width, 0, 0, height, width])),
  }
}

/** What mends the hints of one kind, as a pure function. */

import type { WarningKind } from "../../graphql/generated/graphql.ts"
import type { CaptionEdit } from "./captionEdits.ts"

export type Hinted = {
  readonly id: string
  readonly warnings: readonly { kind: WarningKind; caption: string | null; resolution: number | null }[]
}

export type Mending = {
  captions?: CaptionEdit[]
  /** Ids of pictures to do without. */
  takeOut?: string[]
  /** A resolution at which the hint is none. */
  trainAt?: number
}

export function mendings(kind: WarningKind, images: readonly Hinted[]): Mending {
  const concerned = images.flatMap(({ id, warnings }) => {
    const warning = warnings.find((one) => one.kind === kind)
    return warning === undefined ? [] : [{ id, ...warning }]
  })
  const captions = concerned.flatMap(({ id, caption }) => (caption === null ? [] : [{ imageId: id, caption }]))
  if (captions.length > 0) return { captions }
  const trainAt = Math.min(...concerned.map(({ resolution }) => resolution ?? 0))
  return { takeOut: concerned.map(({ id }) => id), ...(trainAt > 0 && Number.isFinite(trainAt) && { trainAt }) }
}

/** What a button says that mends captions: of one picture, and of all. */
export const captionFix: Partial<Record<WarningKind, { readonly one: string; readonly all: string }>> = {
  TRIGGER_MISSING: { one: "Add it", all: "Add it to all" },
  TOO_MANY_TOKENS: { one: "Shorten it", all: "Shorten them" },
}

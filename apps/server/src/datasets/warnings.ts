/** What may spoil training with pictures, found from rows alone. */

import type { Context, Studio } from "../context.ts"
import { shortened, tokensBeyond } from "../models/tokens.ts"
import { type Learner, learnersOf, usualLearner } from "./learners.ts"

export const warningKinds = ["TOO_SMALL", "BLURRED", "NEAR_DUPLICATE", "TRIGGER_MISSING", "TOO_MANY_TOKENS"] as const

export type ImageWarningShape = {
  readonly kind: (typeof warningKinds)[number]
  readonly message: string
  readonly fix: string
  readonly otherImageId?: string
  /** What a picture that is too small falls short of, in pixels. */
  readonly leastSide?: number
  /** What a caption that is too long exceeds. */
  readonly tokenLimit?: number
  /** A caption that mends it. */
  readonly caption?: string
  /** A resolution of training at which it is none. */
  readonly resolution?: number
}

export type DatasetWarningShape = Pick<ImageWarningShape, "kind" | "message" | "fix"> & {
  readonly imageIds: readonly string[]
}

/** Variance of the Laplacian at 512 pixels; sharp photographs have hundreds, blurred ones a few tens. */
const leastSharpness = 40
/** Of 64 bits of the difference hash. */
const nearBits = 6

type Row = {
  readonly id: string
  readonly datasetId: string
  readonly name: string
  readonly caption: string
  readonly width: number
  readonly height: number
  readonly perceptualHash: string
  readonly sharpness: number
}

/** How many of 64 bits differ. */
export function differingBits(a: bigint, b: bigint): number {
  let difference = BigInt.asUintN(64, a ^ b)
  let bits = 0
  for (; difference !== 0n; difference &= difference - 1n) bits++
  return bits
}

/** @returns for each image that looks like an earlier one, the earlier one. */
function nearDuplicates(rows: readonly Row[]): Map<string, Row> {
  // Two 64-bit hashes within 6 bits agree in at least one of 7 parts: only those that share a part are compared.
  const parts = 7
  const partBits = 10n
  const buckets = new Map<string, { row: Row; hash: bigint }[]>()
  const found = new Map<string, Row>()
  for (const row of rows) {
    const hash = BigInt(`0x${row.perceptualHash}`)
    for (let part = 0; part < parts; part++) {
      const bits = (hash >> (BigInt(part) * partBits)) & ((1n << partBits) - 1n)
      const key = `${part} ${bits}`
      const bucket = buckets.get(key) ?? []
      const near = found.has(row.id) ? undefined : bucket.find((other) => differingBits(other.hash, hash) <= nearBits)
      if (near !== undefined) found.set(row.id, near.row)
      bucket.push({ row, hash })
      buckets.set(key, bucket)
    }
  }
  return found
}

function warningsOf(
  row: Row,
  near: Row | undefined,
  identifiers: readonly string[],
  { leastSide, counter }: Learner,
): ImageWarningShape[] {
  const warnings: ImageWarningShape[] = []
  const side = Math.min(row.width, row.height)
  if (side < leastSide) {
    const resolution = Math.floor(side / 64) * 64
    warnings.push({
      kind: "TOO_SMALL",
      message: `It is ${row.width} × ${row.height} pixels; training at ${leastSide} pixels enlarges it, which looks soft.`,
      fix:
        resolution === 0
          ? "Use a larger original."
          : `Use a larger original, or train at a resolution of ${resolution}.`,
      leastSide,
      ...(resolution > 0 && { resolution }),
    })
  }
  if (row.sharpness < leastSharpness)
    warnings.push({
      kind: "BLURRED",
      message: `It looks blurred (sharpness ${row.sharpness.toFixed(0)}, sharp photographs have more than ${leastSharpness}).`,
      fix: "Take it out, unless the subject itself is soft.",
    })
  if (near !== undefined)
    warnings.push({
      kind: "NEAR_DUPLICATE",
      message: `It looks almost the same as ${near.name}.`,
      fix: "Keep one of the two: what is seen twice is learnt twice as hard.",
      otherImageId: near.id,
    })
  const caption = row.caption.toLowerCase()
  const missing = identifiers.find((word) => !caption.includes(word.toLowerCase()))
  if (row.caption !== "" && missing !== undefined)
    warnings.push({
      kind: "TRIGGER_MISSING",
      message: `Its caption does not contain the identifier ${missing}, so training with captions would not tie the subject to it.`,
      fix: `Add ${missing} to the caption.`,
      caption: `${missing} ${row.caption}`,
    })
  const tokens = tokensBeyond(counter, row.caption)
  if (tokens !== undefined)
    warnings.push({
      kind: "TOO_MANY_TOKENS",
      message: `Its caption has ${counter.exact ? "" : "at least "}${tokens} tokens; the text encoder sees ${counter.limit}, the rest is cut off.`,
      fix: "Shorten the caption.",
      caption: shortened(counter, row.caption),
      tokenLimit: counter.limit,
    })
  return warnings
}

/** Warnings of every image, by data set and image. */
export async function warningsOfDatasets(studio: Studio, datasetIds: string[]) {
  const { database } = studio
  const rows: Row[] = await database.image.findMany({
    where: { datasetId: { in: datasetIds } },
    select: {
      id: true,
      datasetId: true,
      name: true,
      caption: true,
      width: true,
      height: true,
      perceptualHash: true,
      sharpness: true,
    },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
  })
  const concepts = await database.concept.findMany({
    where: { datasetId: { in: datasetIds } },
    select: { datasetId: true, identifier: true },
  })
  const learners = await learnersOf(studio, datasetIds)
  return new Map(
    datasetIds.map((datasetId) => {
      const own = rows.filter((row) => row.datasetId === datasetId)
      const identifiers = concepts
        .filter((concept) => concept.datasetId === datasetId)
        .map(({ identifier }) => identifier)
      const near = nearDuplicates(own)
      return [
        datasetId,
        new Map(
          own.map((row) => [
            row.id,
            warningsOf(row, near.get(row.id), identifiers, learners.get(datasetId) ?? usualLearner),
          ]),
        ),
      ]
    }),
  )
}

export async function imageWarnings(context: Context, image: { id: string; datasetId: string }) {
  return (await context.loaders.warnings(image.datasetId))?.get(image.id) ?? []
}

const summaries: Record<ImageWarningShape["kind"], (count: number, first: ImageWarningShape) => string> = {
  TOO_SMALL: (count, { leastSide }) => `${count} pictures are smaller than the ${leastSide} pixels of training.`,
  BLURRED: (count) => `${count} pictures look blurred.`,
  NEAR_DUPLICATE: (count) => `${count} pictures look almost the same as another.`,
  TRIGGER_MISSING: (count) => `${count} captions do not contain the concept's identifier.`,
  TOO_MANY_TOKENS: (count, { tokenLimit }) => `${count} captions have more than ${tokenLimit} tokens.`,
}

export async function datasetWarnings(context: Context, datasetId: string): Promise<DatasetWarningShape[]> {
  const byImage = (await context.loaders.warnings(datasetId)) ?? new Map<string, ImageWarningShape[]>()
  return warningKinds.flatMap((kind) => {
    const concerned = [...byImage].flatMap(([id, warnings]) => {
      const warning = warnings.find((candidate) => candidate.kind === kind)
      return warning === undefined ? [] : [{ id, warning }]
    })
    const [first] = concerned
    if (first === undefined) return []
    const message =
      concerned.length === 1
        ? first.warning.message.replace(/^It /, "One image ")
        : summaries[kind](concerned.length, first.warning)
    return [{ kind, message, fix: first.warning.fix, imageIds: concerned.map(({ id }) => id) }]
  })
}

/** A grid of two settings: which generations it needs. Pure. */

import type { GenerateImagesInput } from "../../graphql/generated/graphql.ts"

export type Axis = { name: string; label: string; values: readonly (string | number)[] }
export type GridCell = { key: string; row: number; column: number; input: GenerateImagesInput }

/** More would block the workers for everybody. */
export const mostCells = 64

/** Reads "20, 30, 40", "20-40/10" (from-to/step) or words, one per comma. */
export function readValues(text: string, numeric: boolean): (string | number)[] {
  const parts = text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
  if (!numeric) return parts
  return parts.flatMap((part) => {
    const range = /^(-?[\d.]+)\s*-\s*(-?[\d.]+)\s*\/\s*([\d.]+)$/.exec(part)
    if (range === null) return Number.isFinite(Number(part)) ? [Number(part)] : []
    const [from, to, step] = range.slice(1).map(Number)
    if (from === undefined || to === undefined || step === undefined || step <= 0) return []
    const length = Math.min(mostCells, Math.floor((to - from) / step + 1e-9) + 1)
    return Array.from({ length: Math.max(0, length) }, (_, index) => Number((from + index * step).toPrecision(12)))
  })
}

/** One generation of one image per cell, all with the same seed unless the seed is an axis. */
export function planGrid(base: GenerateImagesInput, x: Axis, y: Axis | undefined): GridCell[] {
  const rows = y === undefined || y.values.length === 0 ? [undefined] : y.values
  return rows.flatMap((below, row) =>
    x.values.map((across, column) => {
      const withX = applied({ ...base, options: { ...base.options, numImages: 1 } }, x.name, across)
      const input = y === undefined || below === undefined ? withX : applied(withX, y.name, below)
      return {
        key: `${row}:${column}`,
        row,
        column,
        input: { ...input, name: `Grid: ${[across, below].filter((part) => part !== undefined).join(" × ")}` },
      }
    }),
  )
}

function applied(input: GenerateImagesInput, name: string, value: string | number): GenerateImagesInput {
  if (name === "checkpoint") {
    const { baseModelId: _base, modelId: _model, ...others } = input
    return { ...others, checkpointId: String(value) }
  }
  if (name === "loraWeight")
    return { ...input, loras: (input.loras ?? []).map((lora) => ({ ...lora, weight: Number(value) })) }
  return { ...input, options: { ...input.options, [name]: value } }
}

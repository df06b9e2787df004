/** A grid of two settings: which there are, their values, and which generations it needs. Pure. */

import type { GenerateImagesInput, OptionFieldsFragment } from "../../graphql/generated/graphql.ts"

type Value = string | number
export type Axis = { name: string; label: string; values: readonly Value[] }
export type GridCell = { key: string; row: number; column: number; input: GenerateImagesInput }

/** More would block the workers for everybody. */
export const mostCells = 64

/** What may be an axis: numbers that are typed, prompts one per line, or things to choose among. */
export type AxisKind =
  | { name: string; label: string; reads: "numbers"; example: string }
  | { name: string; label: string; reads: "lines"; example: string }
  | { name: string; label: string; reads: "choices"; choices: readonly { value: string; label: string }[] }

type Named = { id: string; name: string }
export type AxisSources = {
  options: readonly OptionFieldsFragment[]
  checkpoints: readonly { id: string; step: number }[]
  models: readonly Named[]
  hasLoras: boolean
  hasStartImage: boolean
}

/** Values worth a first look. */
const examples: Record<string, string> = {
  steps: "10, 20, 30",
  guidanceScale: "3-9/3",
  seed: "1, 2, 3",
  width: "64, 96, 128",
  height: "64, 96, 128",
  loraWeight: "0, 0.5, 1",
  strength: "0.3, 0.6, 0.9",
}
/** One image per cell; the machine changes no image. */
const noAxis = new Set(["numImages", "threads", "provider"])

/** @returns every setting that can be an axis now, those of more than one image first. */
export function axisKinds({ options, checkpoints, models, hasLoras, hasStartImage }: AxisSources): AxisKind[] {
  const numbers = (name: string, label: string): AxisKind => ({
    name,
    label,
    reads: "numbers",
    example: examples[name] ?? "1, 2, 3",
  })
  const ofOptions = options.flatMap((option): AxisKind[] => {
    const { name, label, choices } = option
    if (noAxis.has(name)) return []
    if (option.kind === "number" || option.kind === "integer") return [numbers(name, label)]
    if (option.kind === "choice")
      return [{ name, label, reads: "choices", choices: (choices ?? []).map((value) => ({ value, label: value })) }]
    return option.kind === "text" ? [{ name, label, reads: "lines", example: "" }] : []
  })
  return [
    ...(checkpoints.length > 0
      ? [
          {
            name: "checkpoint",
            label: "Checkpoint",
            reads: "choices" as const,
            choices: checkpoints.map(({ id, step }) => ({ value: id, label: `step ${step}` })),
          },
        ]
      : []),
    ...(models.length > 1
      ? [
          {
            name: "model",
            label: "Model",
            reads: "choices" as const,
            choices: models.map(({ id, name }) => ({ value: id, label: name })),
          },
        ]
      : []),
    ...ofOptions,
    ...(hasLoras ? [numbers("loraWeight", "LoRA weight")] : []),
    ...(hasStartImage ? [numbers("strength", "Strength")] : []),
  ]
}

/** What is chosen of an axis: a text to read, or values among the choices. */
export type AxisDraft = { name: string; text: string; chosen: readonly string[] }

/** The few first choices of a kind, so that an axis is never empty. */
export const firstAxis = (kind: AxisKind): AxisDraft => ({
  name: kind.name,
  text: kind.reads === "choices" ? "" : kind.example,
  chosen: kind.reads === "choices" ? kind.choices.slice(0, 4).map(({ value }) => value) : [],
})

export function axisOf(kind: AxisKind, { text, chosen }: AxisDraft): Axis {
  const { name, label } = kind
  if (kind.reads === "numbers") return { name, label, values: readNumbers(text) }
  if (kind.reads === "lines") return { name, label, values: readLines(text) }
  const values = kind.choices.filter(({ value }) => chosen.includes(value)).map(({ value }) => value)
  return { name, label, values }
}

/** What a value is called in the grid's head. */
export const valueLabel = (kind: AxisKind | undefined, value: Value): string =>
  (kind?.reads === "choices" ? kind.choices.find((choice) => choice.value === value)?.label : undefined) ??
  String(value)

/** Reads "20, 30, 40" and "20-40/10" (from-to/step). */
export function readNumbers(text: string): number[] {
  const numbers = text.split(",").flatMap((given) => {
    const part = given.trim()
    if (part === "") return []
    const range = /^(-?[\d.]+)\s*-\s*(-?[\d.]+)\s*\/\s*([\d.]+)$/.exec(part)
    if (range === null) return Number.isFinite(Number(part)) ? [Number(part)] : []
    const [from, to, step] = range.slice(1).map(Number)
    if (from === undefined || to === undefined || step === undefined || step <= 0) return []
    const length = Math.min(mostCells, Math.floor((to - from) / step + 1e-9) + 1)
    return Array.from({ length: Math.max(0, length) }, (_, index) => Number((from + index * step).toPrecision(12)))
  })
  return [...new Set(numbers)]
}

/** Prompts have commas, so that each has its line. */
const readLines = (text: string): string[] => {
  const lines = text.split("\n").map((line) => line.trim())
  return [...new Set(lines)].filter((line) => line !== "")
}

/** One generation of one image per cell, all with the same seed unless the seed is an axis. */
export function planGrid(base: GenerateImagesInput, x: Axis, y: Axis | undefined): GridCell[] {
  const rows = y === undefined || y.values.length === 0 ? [undefined] : y.values
  return rows.flatMap((below, row) =>
    x.values.map((across, column) => {
      const withX = applied({ ...base, options: { ...base.options, numImages: 1 } }, x.name, across)
      const input = y === undefined || below === undefined ? withX : applied(withX, y.name, below)
      return { key: `${row}:${column}`, row, column, input }
    }),
  )
}

function applied(input: GenerateImagesInput, name: string, value: Value): GenerateImagesInput {
  if (name === "checkpoint" || name === "model") {
    const { baseModelId: _base, modelId: _model, checkpointId: _checkpoint, ...others } = input
    return { ...others, ...(name === "model" ? { modelId: String(value) } : { checkpointId: String(value) }) }
  }
  if (name === "loraWeight")
    return { ...input, loras: (input.loras ?? []).map((lora) => ({ ...lora, weight: Number(value) })) }
  if (name === "strength")
    return input.imageToImage ? { ...input, imageToImage: { ...input.imageToImage, strength: Number(value) } } : input
  return { ...input, options: { ...input.options, [name]: value } }
}

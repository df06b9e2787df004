/** Shows the events of a run: a bar on a terminal, lines elsewhere, JSON when asked. */

import type { EventOf, FjordEvent } from "@fjord/contracts"

/** Where the text goes; process.stdout is one. */
export type Screen = { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number }

export function formatBytes(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.round(bytes / 1e6)} MB`
}

function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes} min ${whole % 60} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** `[=====>    ]`, `width` characters between the brackets. */
export function bar(done: number, total: number, width = 24): string {
  const filled = total > 0 ? Math.min(width, Math.floor((done / total) * width)) : 0
  return `[${"=".repeat(filled)}${filled < width ? ">" : ""}${" ".repeat(Math.max(0, width - filled - 1))}]`
}

function stepLine(event: EventOf<"StepFinished">): string {
  const parts = [`loss ${event.loss.toFixed(4)}`]
  if (event.priorLoss !== undefined) parts.push(`prior ${event.priorLoss.toFixed(4)}`)
  parts.push(
    `lr ${event.learningRate.toPrecision(3)}`,
    `${event.secondsPerStep.toFixed(2)} s/step`,
    `ETA ${formatDuration(event.etaSeconds)}`,
    `memory ${formatBytes(event.residentBytes)}`,
  )
  return parts.join("  ")
}

/** A line that stays on the screen, or undefined for events that only move the bar. */
function lastingLine(event: FjordEvent): string | undefined {
  switch (event.type) {
    case "MemoryEstimated":
      return `Memory: about ${formatBytes(event.estimateBytes)} needed (mode ${event.mode}).`
    case "RunStarted":
      return event.resumedFrom === undefined
        ? `Training ${event.steps} steps.`
        : `Training ${event.steps} steps, going on from step ${event.resumedFrom}.`
    case "Message":
      return event.level === "warning" ? `Warning: ${event.text}` : event.text
    case "LatentsCached":
      return `${event.images} pictures encoded.`
    case "SampleRendered":
      return `Sample of step ${event.step}: ${event.file}`
    case "CheckpointSaved":
      return `Checkpoint of step ${event.step}: ${event.folder}`
    case "ImageSaved":
      return `Image ${event.file} (seed ${event.seed})`
    case "RunFinished": {
      const files = event.files.map((file) => `  ${file}`).join("\n")
      const memory = `peak memory ${formatBytes(event.peakBytes)}, estimated ${formatBytes(event.estimateBytes)}`
      return `Finished: ${event.folder} (${memory})${files === "" ? "" : `\n${files}`}`
    }
    case "ClassImageGenerated":
    case "StepFinished":
    case "DenoisingStep":
    case "Transferred":
      return undefined
  }
}

/** Returns the function to call with each event; it remembers the number of steps and whether a bar stands. */
export function createProgress(screen: Screen, options: { readonly json: boolean }): (event: FjordEvent) => void {
  if (options.json) return (event) => void screen.write(`${JSON.stringify(event)}\n`)
  let steps = 0
  let barStands = false

  const move = (label: string, done: number, total: number, detail: string) => {
    if (screen.isTTY !== true) {
      screen.write(`${label} ${done}/${total}${detail === "" ? "" : `  ${detail}`}\n`)
      return
    }
    const line = `${label} ${bar(done, total)} ${done}/${total}  ${detail}`
    // A terminal that does not know its width says 0.
    screen.write(`\r${line.slice(0, Math.max(20, (screen.columns || 80) - 1))}\u001b[K`)
    barStands = true
  }

  return (event) => {
    if (event.type === "RunStarted") steps = event.steps
    if (event.type === "StepFinished") move("step", event.step, steps, stepLine(event))
    if (event.type === "ClassImageGenerated") move("class image", event.index, event.total, "")
    // A line for every denoising step would drown a log file.
    if (event.type === "DenoisingStep" && screen.isTTY === true) move("denoising", event.step, event.total, "")
    const line = lastingLine(event)
    if (line === undefined) return
    screen.write(
      barStands && event.type !== "RunFinished" ? `\r\u001b[K${line}\n` : `${barStands ? "\n" : ""}${line}\n`,
    )
    barStands = false
  }
}

/** Shows the events of a run: a bar on a terminal, lines elsewhere, JSON when asked. */

import { type EventOf, type FjordEvent, type Phase, type PhaseProgress, phases, phaseText } from "@fjord/contracts"

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
    case "PhaseProgressed":
    case "ClassImageGenerated":
    case "StepFinished":
    case "DenoisingStep":
    case "Transferred":
      return undefined
  }
}

/**
 * Returns the function to call with each event; it remembers the number of steps, the phase, and what stands in the last
 * line of a terminal.
 */
export function createProgress(screen: Screen, options: { readonly json: boolean }): (event: FjordEvent) => void {
  if (options.json) return (event) => void screen.write(`${JSON.stringify(event)}\n`)
  let steps = 0
  let phase: Phase | undefined
  let standing: "nothing" | "steps" | "phase" = "nothing"

  const stand = (what: "steps" | "phase", line: string) => {
    // A terminal that does not know its width says 0.
    screen.write(`\r${line.slice(0, Math.max(20, (screen.columns || 80) - 1))}\u001b[K`)
    standing = what
  }
  const move = (label: string, done: number, total: number, detail: string) => {
    if (screen.isTTY === true) stand("steps", `${label} ${bar(done, total)} ${done}/${total}  ${detail}`)
    else screen.write(`${label} ${done}/${total}${detail === "" ? "" : `  ${detail}`}\n`)
  }
  const enter = (progress: PhaseProgress) => {
    const { done, total } = progress
    if (screen.isTTY === true)
      stand("phase", `${phaseText(progress)} ${done === undefined || total === undefined ? "…" : bar(done, total)}`)
    // Counts would drown a log file, and the steps that come speak for themselves.
    else if (progress.phase !== phase && progress.phase !== "steps") screen.write(`${phases[progress.phase]}…\n`)
    phase = progress.phase
  }

  return (event) => {
    if (event.type === "RunStarted") steps = event.steps
    if (event.type === "PhaseProgressed") enter(event)
    if (event.type === "StepFinished") move("step", event.step, steps, stepLine(event))
    // On a terminal the phase counts them.
    if (event.type === "ClassImageGenerated" && screen.isTTY !== true) move("class image", event.index, event.total, "")
    // A line for every denoising step would drown a log file.
    if (event.type === "DenoisingStep" && screen.isTTY === true) move("denoising", event.step, event.total, "")
    const line = lastingLine(event)
    if (line === undefined) return
    const above = standing === "steps" && event.type === "RunFinished" ? "\n" : "\r\u001b[K"
    screen.write(`${standing === "nothing" ? "" : above}${line}\n`)
    standing = "nothing"
  }
}

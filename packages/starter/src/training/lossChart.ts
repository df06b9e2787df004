/** The course of a training as a small SVG. */

import type { LogEntry } from "./log.ts"

const [width, height, margin] = [640, 260, 44]

export interface Curve {
  readonly title: string
  readonly entries: readonly LogEntry[]
  /** What is drawn of an entry. */
  readonly value: (entry: LogEntry) => number
}

/** One panel per curve, below each other; the axes are labelled with their ends. */
export function lossChart(curves: readonly Curve[]): string {
  const panels = curves.map((curve, i) => `<g transform="translate(0 ${i * height})">${panel(curve)}</g>`)
  const size = `width="${width}" height="${height * curves.length}"`
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif" font-size="13"><title>Losses of the starter model by step</title><rect width="100%" height="100%" fill="#fff"/>${panels.join("")}</svg>\n`
}

function panel({ title, entries, value }: Curve): string {
  const points = entries.map((entry) => [entry.step, value(entry)] as const)
  const steps = Math.max(1, ...points.map(([step]) => step))
  const values = points.map(([, y]) => y)
  // The first values tower above all others.
  const high = values.toSorted((a, b) => b - a)[Math.floor(values.length / 50)] ?? 1
  const low = Math.min(...values, high)
  const x = (step: number) => margin + ((width - 2 * margin) * step) / steps
  const y = (level: number) =>
    height - margin - ((height - 2 * margin) * (Math.min(level, high) - low)) / Math.max(high - low, 1e-9)
  const line = points.map(([step, level]) => `${x(step).toFixed(1)},${y(level).toFixed(1)}`).join(" ")
  const text = (left: number, top: number, words: string, anchor = "start") =>
    `<text x="${left}" y="${top}" text-anchor="${anchor}" fill="#334">${words}</text>`
  return [
    `<path d="M${margin} ${margin}V${height - margin}H${width - margin}" fill="none" stroke="#99a"/>`,
    `<polyline points="${line}" fill="none" stroke="#2563eb" stroke-width="1.5"/>`,
    text(margin, margin - 14, title),
    text(margin - 6, margin + 5, high.toPrecision(3), "end"),
    text(margin - 6, height - margin, low.toPrecision(3), "end"),
    text(width - margin, height - margin + 20, `${steps} steps`, "end"),
  ].join("")
}

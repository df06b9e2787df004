"use client"

/** Lines over steps by uPlot: drag to zoom, double click to see all; colours follow the theme. */

import { useEffect, useEffectEvent, useRef } from "react"
import uPlot from "uplot"
import { formatNumber } from "./format.ts"

export type Line = {
  label: string
  /** A CSS variable: "--chart-1". */
  color: string
  /** Lines of one scale share an axis. */
  scale: string
  /** Drawn thin and pale, as the ground of a smoothed line. */
  faint?: boolean
}

type LineChartProps = {
  lines: readonly Line[]
  /** x, then one column per line; null where a line has no value. */
  data: uPlot.AlignedData
  log: boolean
  height: number
  /** Said instead of the picture. */
  summary: string
  /** Steps worth a vertical mark. */
  marks?: readonly number[]
  /** Called with the visible range after zooming; undefined when all is visible. */
  onRange?: (range: readonly [number, number] | undefined) => void
}

const axisSpace = 56
/** Distances of the ticks under the chart: there is no half step. */
const stepTicks = Array.from({ length: 9 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat()

export function LineChart({ lines, data, log, height, summary, marks, onRange }: LineChartProps) {
  const host = useRef<HTMLDivElement>(null)
  const chart = useRef<uPlot>(undefined)
  const shape = JSON.stringify([lines, log, height])
  const range = useEffectEvent((next: readonly [number, number] | undefined) => onRange?.(next))
  const latestData = useRef(data)
  const latestMarks = useRef(marks)
  latestMarks.current = marks

  // biome-ignore lint/correctness/useExhaustiveDependencies: `shape` stands for lines, log and height by value, so that the chart is not rebuilt with every render.
  useEffect(() => {
    const element = host.current
    if (element === null) return
    const color = (name: string) => getComputedStyle(element).getPropertyValue(name).trim()
    const scales = [...new Set(lines.map((line) => line.scale))]
    const axes: uPlot.Axis[] = [
      {
        stroke: () => color("--muted"),
        incrs: stepTicks,
        grid: { show: false },
        ticks: { show: false },
        font: "11px Inter Variable",
        size: 28,
      },
      ...scales.slice(0, 2).map(
        (scale, index): uPlot.Axis => ({
          scale,
          side: index === 0 ? 3 : 1,
          size: axisSpace,
          stroke: () => color("--muted"),
          grid: { show: index === 0, stroke: () => color("--separator"), width: 1 },
          ticks: { show: false },
          font: "11px Inter Variable",
          values: (_, ticks) => ticks.map((tick) => (tick === null ? "" : formatNumber(tick))),
        }),
      ),
    ]
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height,
        legend: { show: false },
        cursor: { drag: { x: true, y: false }, points: { size: 7 } },
        scales: {
          x: { time: false },
          ...Object.fromEntries(
            scales.map((scale) => [scale, { distr: log && scale !== "learning rate" ? (3 as const) : (1 as const) }]),
          ),
        },
        axes,
        series: [
          { label: "step" },
          ...lines.map((line) => ({
            label: line.label,
            scale: line.scale,
            stroke: () => color(line.color),
            width: line.faint ? 1 : 2,
            alpha: line.faint ? 0.35 : 1,
            points: { show: false },
            spanGaps: true,
          })),
        ],
        hooks: {
          setScale: [
            (self, key) => {
              if (key !== "x") return
              const { min, max } = self.scales.x ?? {}
              const all = self.data[0]
              if (min === undefined || max === undefined || all.length === 0) return
              if (self.cursor.drag?.setScale === false) return
              const zoomed = min > (all[0] ?? 0) || max < (all[all.length - 1] ?? 0)
              if (zoomed) range([min, max])
            },
          ],
          drawClear: [
            (self) => {
              const { ctx, bbox } = self
              ctx.save()
              ctx.strokeStyle = color("--best")
              ctx.setLineDash([4, 4])
              for (const mark of latestMarks.current ?? []) {
                const x = self.valToPos(mark, "x", true)
                ctx.beginPath()
                ctx.moveTo(x, bbox.top)
                ctx.lineTo(x, bbox.top + bbox.height)
                ctx.stroke()
              }
              ctx.restore()
            },
          ],
          setCursor: [(self) => showReading(self, lines, element)],
        },
      },
      latestData.current,
      element,
    )
    chart.current = plot
    plot.over.addEventListener("dblclick", () => range(undefined))
    const resize = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }))
    resize.observe(element)
    const theme = new MutationObserver(() => plot.redraw(false))
    theme.observe(document.documentElement, { attributes: true, attributeFilter: ["class"] })
    return () => {
      resize.disconnect()
      theme.disconnect()
      plot.destroy()
      chart.current = undefined
    }
  }, [shape])

  useEffect(() => {
    latestData.current = data
    chart.current?.setData(data)
  }, [data])

  return (
    <div role="img" aria-label={summary} className="relative" style={{ height }}>
      <div ref={host} className="absolute inset-0" />
    </div>
  )
}

/** The values under the pointer, in a small box that follows it. */
function showReading(self: uPlot, lines: readonly Line[], element: HTMLElement) {
  let box = element.querySelector<HTMLDivElement>("[data-reading]")
  if (box === null) {
    box = document.createElement("div")
    box.dataset.reading = ""
    box.className =
      "pointer-events-none absolute top-1 z-10 hidden rounded-lg border border-border bg-overlay px-2.5 py-1.5 text-xs shadow-overlay tabular-nums"
    element.append(box)
  }
  const { idx, left } = self.cursor
  if (idx === null || idx === undefined || left === undefined || left < 0) {
    box.style.display = "none"
    return
  }
  const rows = lines.flatMap((line, index) => {
    const value = self.data[index + 1]?.[idx]
    return line.faint || value === null || value === undefined ? [] : [`${line.label} ${formatNumber(value)}`]
  })
  box.textContent = [`step ${formatNumber(self.data[0][idx] ?? 0)}`, ...rows].join("  ·  ")
  box.style.display = "block"
  const right = left > self.over.clientWidth / 2
  box.style.left = right ? "auto" : `${left + axisSpace + 12}px`
  box.style.right = right ? `${self.over.clientWidth - left + 24}px` : "auto"
}

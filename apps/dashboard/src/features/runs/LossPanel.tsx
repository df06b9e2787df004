"use client"

/** The curves of a run: smoothing, log axis, and which of them are drawn. */

import dynamic from "next/dynamic"
import { memo, useMemo, useState } from "react"
import { Button } from "../../ui/Button.tsx"
import { classes } from "../../ui/classes.ts"
import { EmptyState } from "../../ui/EmptyState.tsx"
import { formatNumber } from "../../ui/format.ts"
import type { Line } from "../../ui/LineChart.tsx"
import { Panel } from "../../ui/Panel.tsx"
import { Skeleton } from "../../ui/Skeleton.tsx"
import { ChartOptions } from "./ChartOptions.tsx"
import { type MetricName, type MetricSeries, smooth, thin } from "./metricSeries.ts"
import { useDetail } from "./useDetail.ts"

const chartPx = 280
const LineChart = dynamic(() => import("../../ui/LineChart.tsx").then((module) => module.LineChart), {
  ssr: false,
  loading: () => <Skeleton className="h-70" />,
})

const curves: { name: MetricName; label: string; color: string; scale: string }[] = [
  { name: "loss", label: "Loss", color: "--chart-1", scale: "loss" },
  { name: "instanceLoss", label: "Subject loss", color: "--chart-3", scale: "loss" },
  { name: "priorLoss", label: "Class loss", color: "--chart-2", scale: "loss" },
  { name: "learningRate", label: "Learning rate", color: "--chart-4", scale: "learning rate" },
  { name: "gradNorm", label: "Gradient norm", color: "--chart-2", scale: "gradient norm" },
]

/** Buckets over the width: more than pixels would show nothing more. */
const buckets = 900

type LossPanelProps = {
  /** Whose steps are asked for when zooming; absent where they may not be. */
  runId?: string
  series: MetricSeries
  version: number
  best: number | undefined
  /** What the run does before there is a curve; absent once it has ended. */
  doing?: string | undefined
}

/** Drawn anew when `version` says that the curve has grown, not with every figure of the run. */
export const LossPanel = memo(function LossPanel({ runId, series: whole, version, best, doing }: LossPanelProps) {
  const [shown, setShown] = useState<ReadonlySet<MetricName>>(new Set(["loss"]))
  const [weight, setWeight] = useState(0.9)
  const [log, setLog] = useState(false)
  const [range, setRange] = useState<readonly [number, number]>()
  const series = useDetail(runId, whole, range) ?? whole
  const present = curves.filter(({ name }) => series.columns[name].some((value) => value !== null))
  const drawn = present.filter(({ name }) => shown.has(name))
  const names = drawn.map(({ name }) => name).join()

  // biome-ignore lint/correctness/useExhaustiveDependencies: the columns grow in place; `version` tells that they did, `names` which are drawn.
  const data = useMemo(() => {
    const columns = drawn.flatMap(({ name }) => {
      const raw = series.columns[name]
      return name === "learningRate" ? [raw] : [raw, smooth(raw, series.steps, weight)]
    })
    return thin(columns, series.steps, range, buckets)
  }, [series, version, names, weight, range])
  const lines = drawn.flatMap(({ name, label, color, scale }): Line[] =>
    name === "learningRate"
      ? [{ label, color, scale }]
      : [
          { label: `${label}, each step`, color, scale, faint: weight > 0 },
          { label, color, scale },
        ],
  )
  const last = whole.columns.loss.at(-1)
  const toggle = (name: MetricName) =>
    setShown((now) => (now.has(name) ? new Set([...now].filter((one) => one !== name)) : new Set([...now, name])))

  return (
    <Panel
      title="Learning curve"
      actions={
        <div className="flex min-h-7 flex-wrap items-center gap-x-4 gap-y-2">
          <fieldset className="flex flex-wrap gap-1.5">
            <legend className="sr-only">Curves</legend>
            {present.map(({ name, label, color }) => (
              <button
                key={name}
                type="button"
                aria-pressed={shown.has(name)}
                onClick={() => toggle(name)}
                className={classes(
                  "flex items-center gap-1.5 rounded-full border px-2.5 py-1 text-xs",
                  shown.has(name) ? "border-border bg-surface-secondary" : "border-transparent text-muted",
                )}
              >
                <span
                  className="size-2.5 rounded-full"
                  style={{ background: shown.has(name) ? `var(${color})` : "var(--border)" }}
                />
                {label}
              </button>
            ))}
          </fieldset>
          <ChartOptions weight={weight} onWeight={setWeight} log={log} onLog={setLog} />
          {range !== undefined && (
            <Button size="sm" onClick={() => setRange(undefined)}>
              Show all
            </Button>
          )}
        </div>
      }
    >
      {series.steps.length === 0 ? (
        <div className="grid place-items-center" style={{ height: chartPx }}>
          {doing === undefined ? (
            <EmptyState title="No steps were made" />
          ) : (
            <EmptyState title={doing}>The curve begins with the first step.</EmptyState>
          )}
        </div>
      ) : (
        <LineChart
          lines={lines}
          data={asAligned(data)}
          log={log}
          height={chartPx}
          marks={best === undefined ? [] : [best]}
          onRange={setRange}
          summary={`Loss over ${formatNumber(whole.steps.at(-1) ?? 0)} steps, now ${last === null || last === undefined ? "unknown" : formatNumber(last)}. Drag to zoom, double click to see all.`}
        />
      )}
    </Panel>
  )
})

/** uPlot wants at least the x column. */
export function asAligned([x = [], ...rest]: (number | null)[][]): [number[], ...(number | null)[][]] {
  return [x.map((step) => step ?? 0), ...rest]
}

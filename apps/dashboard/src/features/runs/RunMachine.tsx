"use client"

import dynamic from "next/dynamic"
import { useMemo } from "react"
import { formatBytes, formatNumber } from "../../ui/format.ts"
import { Panel } from "../../ui/Panel.tsx"
import { Skeleton } from "../../ui/Skeleton.tsx"
import { forecastLine } from "./forecastLine.ts"
import { asAligned } from "./LossPanel.tsx"
import { type MetricSeries, thin } from "./metricSeries.ts"
import type { RunPageRun } from "./useRunFollow.ts"

const LineChart = dynamic(() => import("../../ui/LineChart.tsx").then((module) => module.LineChart), {
  ssr: false,
  loading: () => <Skeleton className="h-56" />,
})

const lines = [
  { label: "Seconds per step", color: "--chart-1", scale: "seconds" },
  { label: "Memory, GB", color: "--chart-2", scale: "memory" },
]

type RunMachineProps = { run: RunPageRun; series: MetricSeries; version: number }

export function RunMachine({ run, series, version }: RunMachineProps) {
  const { worker, forecastAccuracy } = run
  const forecast = forecastAccuracy === null ? undefined : forecastLine(forecastAccuracy)
  const { secondsPerStep, residentBytes } = series.columns
  const resident = residentBytes.at(-1)
  const pace = secondsPerStep.at(-1)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the columns grow in place; `version` tells that they did.
  const data = useMemo(() => {
    const gigabytes = residentBytes.map((bytes) => (bytes === null ? null : bytes / 1e9))
    return asAligned(thin([secondsPerStep, gigabytes], series.steps, undefined, 400))
  }, [series, version])
  const facts: [string, string | undefined][] = [
    ["Worker", worker === null ? undefined : `${worker.name} on ${worker.host}`],
    ["Fjord", worker?.version],
    [
      "Computes on",
      worker === null
        ? undefined
        : `${worker.provider.toUpperCase()}, ${worker.threads === 1 ? "1 thread" : `${worker.threads} threads`}`,
    ],
    ["Memory of the machine", worker === null ? undefined : formatBytes(worker.memoryBytes)],
    ["Memory foretold", run.estimateBytes === null ? undefined : formatBytes(run.estimateBytes)],
    ["Memory now", resident === null || resident === undefined ? undefined : formatBytes(resident)],
    ["Memory at most", run.peakBytes === null ? undefined : formatBytes(run.peakBytes)],
    ["Time per step", pace === null || pace === undefined ? undefined : `${formatNumber(pace)} s`],
    ["Attempts", formatNumber(run.attempt)],
  ]
  return (
    <div className="grid items-start gap-5 lg:grid-cols-[20rem_minmax(0,1fr)]">
      <Panel title="Machine">
        {worker === null && <p className="mb-3 text-muted text-sm">No worker has taken the run yet.</p>}
        {forecast !== undefined && <p className="mb-3 text-sm">{forecast}</p>}
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-8 gap-y-2 text-sm">
          {facts.map(
            ([term, value]) =>
              value !== undefined && (
                <div key={term} className="contents">
                  <dt className="text-muted">{term}</dt>
                  <dd className="break-words tabular-nums">{value}</dd>
                </div>
              ),
          )}
        </dl>
      </Panel>
      {series.steps.length > 1 && (
        <Panel
          title="Pace and memory"
          actions={
            <ul className="flex flex-wrap gap-x-4 text-muted text-xs">
              {lines.map(({ label, color }) => (
                <li key={label} className="flex items-center gap-1.5">
                  <span className="size-2.5 rounded-full" style={{ background: `var(${color})` }} />
                  {label}
                </li>
              ))}
            </ul>
          }
        >
          <LineChart
            lines={lines}
            data={data}
            log={false}
            height={224}
            summary={`Seconds per step, now ${formatNumber(pace ?? 0)}, and memory, now ${formatBytes(resident ?? 0)}`}
          />
        </Panel>
      )}
    </div>
  )
}

"use client"

import { formatBytes, formatNumber } from "../../ui/format.ts"
import { Panel } from "../../ui/Panel.tsx"
import type { MetricSeries } from "./metricSeries.ts"
import type { RunPageRun } from "./useRunFollow.ts"

type RunMachineProps = { run: RunPageRun; series: MetricSeries; version: number }

export function RunMachine({ run, series }: RunMachineProps) {
  const { worker } = run
  const resident = run.metrics.at(-1)?.residentBytes
  const pace = series.columns.secondsPerStep.at(-1)
  const facts: [string, string | undefined][] = [
    ["Worker", worker === null ? undefined : `${worker.name} on ${worker.host}`],
    ["Fjord", worker?.version],
    ["Computes on", worker === null ? undefined : `${worker.provider.toUpperCase()}, ${worker.threads} threads`],
    ["Memory of the machine", worker === null ? undefined : formatBytes(worker.memoryBytes)],
    ["Memory foretold", run.estimateBytes === null ? undefined : formatBytes(run.estimateBytes)],
    ["Memory now", resident === undefined ? undefined : formatBytes(resident)],
    ["Memory at most", run.peakBytes === null ? undefined : formatBytes(run.peakBytes)],
    ["Time per step", pace === null || pace === undefined ? undefined : `${formatNumber(pace)} s`],
    ["Attempts", formatNumber(run.attempt)],
  ]
  return (
    <Panel title="Machine">
      {worker === null && <p className="mb-3 text-muted text-sm">No worker has taken the run yet.</p>}
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-8 gap-y-2 text-sm">
        {facts.map(
          ([term, value]) =>
            value !== undefined && (
              <div key={term} className="contents">
                <dt className="text-muted">{term}</dt>
                <dd className="tabular-nums">{value}</dd>
              </div>
            ),
        )}
      </dl>
    </Panel>
  )
}

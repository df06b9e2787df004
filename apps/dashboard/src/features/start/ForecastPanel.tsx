"use client"

/** How long, how much memory, does it fit: asked again a moment after the last change. */

import { useQuery, useSubscription } from "@apollo/client/react"
import { Clock, Cpu, Footprints, HardDrive } from "lucide-react"
import type { ReactNode } from "react"
import { ForecastDocument, type StartTrainingInput, WorkersChangedDocument } from "../../graphql/generated/graphql.ts"
import { classes } from "../../ui/classes.ts"
import { formatBytes, formatDuration, formatNumber } from "../../ui/format.ts"
import { Notice } from "../../ui/Notice.tsx"
import { Panel } from "../../ui/Panel.tsx"
import { useSettled } from "./useSettled.ts"

export function ForecastPanel({ input, ready }: { input: StartTrainingInput; ready: boolean }) {
  const settled = useSettled(input, 300)
  const { data, previousData, error, loading, refetch } = useQuery(ForecastDocument, {
    variables: { input: settled },
    skip: !ready,
    fetchPolicy: "cache-first",
  })
  const forecast = (data ?? previousData)?.forecast
  // A worker that has just started measures its machine first.
  useSubscription(WorkersChangedDocument, {
    skip: !ready || forecast === undefined || forecast.seconds !== null,
    ignoreResults: true,
    onData: () => void refetch(),
  })
  return (
    <Panel title="Forecast" className="lg:sticky lg:top-6">
      <div aria-live="polite" className={classes("flex flex-col gap-3 transition-opacity", loading && "opacity-60")}>
        {!ready || forecast === undefined ? (
          <p className="min-h-32 text-muted text-sm">
            {error !== undefined && ready
              ? error.message
              : ready
                ? "Reckoning…"
                : "Appears here as soon as pictures, subject and base model are chosen."}
          </p>
        ) : (
          <>
            <Figure
              icon={<Clock />}
              label="Time"
              value={forecast.seconds === null ? "not known yet" : `about ${formatDuration(forecast.seconds)}`}
            />
            <Figure
              icon={<Cpu />}
              label="Memory"
              value={forecast.memoryBytes === null ? "not known yet" : formatBytes(forecast.memoryBytes)}
            />
            <Figure
              icon={<HardDrive />}
              label="Disk"
              value={forecast.diskBytes === null ? "not known yet" : formatBytes(forecast.diskBytes)}
            />
            <Figure icon={<Footprints />} label="Steps" value={formatNumber(forecast.steps)} />
            {forecast.fits === false && (
              <Notice tone="warning" title="It may not fit into this machine's memory">
                Use LoRA, a lower resolution, or 8-bit Adam.
              </Notice>
            )}
            {forecast.problems.map((problem) => (
              <Notice key={problem} tone="warning">
                {problem}
              </Notice>
            ))}
            <p className="text-muted text-xs">{forecast.basis}</p>
          </>
        )}
      </div>
    </Panel>
  )
}

function Figure({ icon, label, value }: { icon: ReactNode; label: string; value: string }) {
  return (
    <div className="flex items-center gap-3">
      <span aria-hidden="true" className="rounded-lg bg-surface-secondary p-2 text-muted [&>svg]:size-4">
        {icon}
      </span>
      <div>
        <p className="text-muted text-xs">{label}</p>
        <p className="font-semibold tabular-nums">{value}</p>
      </div>
    </div>
  )
}

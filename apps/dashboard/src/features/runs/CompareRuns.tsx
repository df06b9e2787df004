"use client"

/** Two to four runs: curves over one another, what differs in their settings, samples of the same prompt and seed. */

import dynamic from "next/dynamic"
import Link from "next/link"
import { useSearchParams } from "next/navigation"
import { useMemo, useState } from "react"
import { LinkButton } from "../../ui/Button.tsx"
import { EmptyState } from "../../ui/EmptyState.tsx"
import { Page } from "../../ui/Page.tsx"
import { Panel } from "../../ui/Panel.tsx"
import { ScrollArea } from "../../ui/ScrollArea.tsx"
import { Skeleton } from "../../ui/Skeleton.tsx"
import { say } from "../start/CheckStep.tsx"
import { alignRuns, differingOptions, type SharedSample, sharedSamples } from "./compareRuns.ts"
import { runOptions, toSnakeCase } from "./runOptions.ts"
import { StatusBadge } from "./StatusBadge.tsx"
import { useComparedRuns } from "./useComparedRuns.ts"

const LineChart = dynamic(() => import("../../ui/LineChart.tsx").then((module) => module.LineChart), {
  ssr: false,
  loading: () => <Skeleton className="h-80" />,
})

const colors = ["--chart-1", "--chart-2", "--chart-3", "--chart-4"] as const

export function CompareRuns() {
  const ids = useSearchParams().getAll("run").slice(0, 4)
  const runs = useComparedRuns(ids)
  const [weight, setWeight] = useState(0.9)
  const data = useMemo(
    () =>
      runs === undefined
        ? undefined
        : alignRuns(
            runs.map((run) => run.metrics),
            weight,
          ),
    [runs, weight],
  )
  const crumbs = [{ label: "Runs", href: "/runs" }, { label: "Compare" }]
  if (ids.length < 2)
    return (
      <Page title="Compare runs" crumbs={crumbs}>
        <EmptyState
          title="Choose at least two runs"
          actions={
            <LinkButton variant="primary" href="/runs">
              Choose runs
            </LinkButton>
          }
        >
          Tick them in the list, then press Compare.
        </EmptyState>
      </Page>
    )
  if (runs === undefined || data === undefined) return <Skeleton className="m-8 h-96" />
  const differing = differingOptions(runs.map((run) => runOptions(run.config)))
  const samples = sharedSamples(runs.map((run) => run.samples))
  return (
    <Page title="Compare runs" crumbs={crumbs}>
      <ul className="grid gap-3 sm:grid-cols-2 lg:grid-cols-4">
        {runs.map((run, index) => (
          <li key={run.id} className="flex items-center gap-3 rounded-xl border border-border bg-surface px-4 py-3">
            <span
              className="size-3 shrink-0 rounded-full"
              style={{ background: `var(${colors[index] ?? "--muted"})` }}
            />
            <Link href={`/runs/${run.id}`} className="min-w-0 flex-1 truncate font-medium text-sm hover:underline">
              {run.name}
            </Link>
            <StatusBadge status={run.status} />
          </li>
        ))}
      </ul>
      <Panel
        title="Loss"
        actions={
          <label className="flex items-center gap-2 text-muted text-xs">
            Smoothing
            <input
              type="range"
              min={0}
              max={0.99}
              step={0.01}
              value={weight}
              onChange={(event) => setWeight(Number(event.target.value))}
              className="w-24 accent-[var(--accent)]"
            />
          </label>
        }
      >
        <LineChart
          lines={runs.map((run, index) => ({ label: run.name, color: colors[index] ?? "--muted", scale: "loss" }))}
          data={data}
          log={false}
          height={320}
          summary={`Loss of ${runs.map((run) => run.name).join(", ")}`}
        />
      </Panel>
      <Panel title="Different settings" flush>
        {differing.length === 0 ? (
          <p className="px-5 pb-5 text-muted text-sm">None: they differ in pictures, base model or chance alone.</p>
        ) : (
          <ScrollArea label="Different settings">
            <table className="w-full text-sm">
              <thead>
                <tr className="text-left text-muted text-xs">
                  <th className="px-5 py-2 font-medium">Option</th>
                  {runs.map((run) => (
                    <th key={run.id} className="px-3 py-2 font-medium">
                      {run.name}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {differing.map(({ name, values }) => (
                  <tr key={name} className="border-separator border-t align-top">
                    <td className="px-5 py-2 font-mono text-xs leading-5">{toSnakeCase(name)}</td>
                    {runs.map((run, index) => (
                      <td key={run.id} className="px-3 py-2">
                        {say(values[index])}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </ScrollArea>
        )}
      </Panel>
      <Panel title="Samples of the same prompt and seed" hint="The latest of each run.">
        {samples.length === 0 ? (
          <p className="text-muted text-sm">These runs have no prompt and seed in common.</p>
        ) : (
          <div className="flex flex-col gap-5">
            {samples.map((row) => (
              <SampleRow key={row.key} row={row} names={runs.map((run) => run.name)} />
            ))}
          </div>
        )}
      </Panel>
    </Page>
  )
}

function SampleRow({ row, names }: { row: SharedSample; names: readonly string[] }) {
  return (
    <figure>
      <figcaption className="mb-2 text-sm">
        “{row.prompt}” <span className="text-muted">seed {row.seed}</span>
      </figcaption>
      <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
        {row.samples.map((sample, index) => (
          <div key={sample?.id ?? names[index]}>
            {sample === undefined ? (
              <div className="grid aspect-square place-items-center rounded-lg bg-surface-secondary text-muted text-xs">
                none
              </div>
            ) : (
              <img
                src={sample.url}
                alt={`${names[index] ?? ""}, step ${sample.step}`}
                loading="lazy"
                className="aspect-square w-full rounded-lg bg-surface-secondary object-cover"
              />
            )}
            <p className="mt-1 truncate text-muted text-xs">
              {names[index]}
              {sample !== undefined && `, step ${sample.step}`}
            </p>
          </div>
        ))}
      </div>
    </figure>
  )
}

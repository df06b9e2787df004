"use client"

/** Two to four runs: curves over one another, what differs in their settings, samples of the same prompt and seed. */

import { Code, GitCompare } from "lucide-react"
import dynamic from "next/dynamic"
import { useSearchParams } from "next/navigation"
import { useMemo, useState } from "react"
import { copyQuery } from "../../graphql/copyQuery.ts"
import { CompareRunsDocument } from "../../graphql/generated/graphql.ts"
import { Button, IconButton, LinkButton } from "../../ui/Button.tsx"
import { EmptyState } from "../../ui/EmptyState.tsx"
import { SelectField } from "../../ui/Field.tsx"
import { Link } from "../../ui/Link.tsx"
import { Page } from "../../ui/Page.tsx"
import { Panel } from "../../ui/Panel.tsx"
import { ScrollArea } from "../../ui/ScrollArea.tsx"
import { Skeleton } from "../../ui/Skeleton.tsx"
import { say } from "../start/say.ts"
import { ChartOptions } from "./ChartOptions.tsx"
import { alignRuns, differingOptions, type SharedSample, sharedSamples } from "./compareRuns.ts"
import type { MetricName } from "./metricSeries.ts"
import { runOptions, toSnakeCase } from "./runOptions.ts"
import { StatusBadge } from "./StatusBadge.tsx"
import { type ComparedRun, useComparedRuns } from "./useComparedRuns.ts"

const chartPx = 320
const LineChart = dynamic(() => import("../../ui/LineChart.tsx").then((module) => module.LineChart), {
  ssr: false,
  loading: () => <Skeleton className="h-80" />,
})

const colors = ["--chart-1", "--chart-2", "--chart-3", "--chart-4"] as const

/** What can be laid over one another; the learning rate is exact and needs no smoothing. */
const curves: { value: MetricName; label: string }[] = [
  { value: "loss", label: "Loss" },
  { value: "instanceLoss", label: "Subject loss" },
  { value: "priorLoss", label: "Class loss" },
  { value: "learningRate", label: "Learning rate" },
  { value: "gradNorm", label: "Gradient norm" },
]

const crumbs = [{ label: "Runs", href: "/runs" }, { label: "Compare" }]

export function CompareRuns() {
  const ids = [...new Set(useSearchParams().getAll("run"))].slice(0, 4)
  const { runs, error, retry } = useComparedRuns(ids)
  if (ids.length < 2 || (runs !== undefined && runs.length < 2))
    return (
      <Page title="Compare runs" crumbs={crumbs}>
        <EmptyState
          icon={<GitCompare />}
          title={ids.length < 2 ? "Choose at least two runs" : "These runs are no longer there"}
          className="rounded-2xl border border-border border-dashed bg-surface"
          actions={
            <LinkButton variant="primary" href="/runs">
              Choose runs
            </LinkButton>
          }
        >
          Tick two to four in the list, then press Compare.
        </EmptyState>
      </Page>
    )
  return (
    <Page
      title="Compare runs"
      crumbs={crumbs}
      actions={
        <IconButton
          label="Copy as query"
          icon={<Code />}
          size="md"
          tipSide="bottom"
          tipAlign="end"
          onClick={() => void copyQuery(CompareRunsDocument, { id: ids[0] ?? "" })}
        />
      }
    >
      {runs !== undefined ? (
        <Content runs={runs} />
      ) : error !== undefined ? (
        <EmptyState title="This could not be loaded" actions={<Button onClick={retry}>Try again</Button>}>
          {error.message}
        </EmptyState>
      ) : (
        <Skeleton className="h-96" />
      )}
    </Page>
  )
}

function Content({ runs }: { runs: readonly ComparedRun[] }) {
  const [curve, setCurve] = useState<MetricName>("loss")
  const [weight, setWeight] = useState(0.9)
  const [log, setLog] = useState(false)
  const smoothing = curve === "learningRate" ? 0 : weight
  const data = useMemo(
    () =>
      alignRuns(
        runs.map((run) => run.metrics),
        curve,
        smoothing,
      ),
    [runs, curve, smoothing],
  )
  const { label = "" } = curves.find(({ value }) => value === curve) ?? {}
  const differing = differingOptions(runs.map(comparedFacts))
  const samples = sharedSamples(runs.map((run) => run.samples))
  return (
    <>
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
        title={label}
        actions={
          <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
            <SelectField
              label="Curve"
              hideLabel
              choices={curves}
              value={curve}
              onChange={(event) => setCurve(curves.find(({ value }) => value === event.target.value)?.value ?? "loss")}
              className="w-40"
            />
            <ChartOptions weight={weight} onWeight={setWeight} log={log} onLog={setLog} />
          </div>
        }
      >
        {data.slice(1).every((column) => column.every((value) => value === null)) ? (
          <div className="grid place-items-center" style={{ height: chartPx }}>
            <EmptyState title="None of these runs has this curve">
              {curve === "priorLoss" || curve === "instanceLoss"
                ? "It is measured with prior preservation only."
                : "It begins with the first step."}
            </EmptyState>
          </div>
        ) : (
          <LineChart
            lines={runs.map((run, index) => ({ label: run.name, color: colors[index] ?? "--muted", scale: curve }))}
            data={data}
            log={log}
            height={chartPx}
            summary={`${label} of ${runs.map((run) => run.name).join(", ")}`}
          />
        )}
      </Panel>
      <Panel title="Different settings" flush>
        {differing.length === 0 ? (
          <p className="px-5 pb-5 text-muted text-sm">None: only chance tells them apart.</p>
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
                    <td className="px-5 py-2 font-mono text-xs leading-5">{name}</td>
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
    </>
  )
}

/** Everything in which runs can differ, under the names of YAML. */
function comparedFacts({ config, baseModel, datasetVersion }: ComparedRun): Record<string, unknown> {
  const options = Object.entries(runOptions(config)).map(([name, value]) => [toSnakeCase(name), value] as const)
  return {
    base_model: baseModel?.name ?? null,
    pictures: datasetVersion === null ? null : `${datasetVersion.dataset.name}, version ${datasetVersion.number}`,
    ...Object.fromEntries(options),
  }
}

function SampleRow({ row, names }: { row: SharedSample; names: readonly string[] }) {
  return (
    <figure>
      <figcaption className="mb-2 text-sm">
        “{row.prompt}” <span className="text-muted">seed {row.seed}</span>
      </figcaption>
      <div
        className="grid max-w-5xl gap-3"
        style={{ gridTemplateColumns: `repeat(${Math.min(names.length, 4)}, minmax(0, 22rem))` }}
      >
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

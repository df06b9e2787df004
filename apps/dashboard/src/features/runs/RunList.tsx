"use client"

import { useQuery } from "@apollo/client/react"
import { Code, GitCompare, Play, Star, TrendingDown } from "lucide-react"
import { useRouter } from "next/navigation"
import { useDeferredValue, useState } from "react"
import { copyQuery } from "../../graphql/copyQuery.ts"
import { type RunStatus, type RunSummaryFragment, RunsDocument } from "../../graphql/generated/graphql.ts"
import { useShortcut } from "../../shortcuts/useShortcut.ts"
import { Button, IconButton, LinkButton } from "../../ui/Button.tsx"
import { classes } from "../../ui/classes.ts"
import { EmptyState } from "../../ui/EmptyState.tsx"
import { SelectField } from "../../ui/Field.tsx"
import { formatAgo, formatDuration, formatNumber } from "../../ui/format.ts"
import { Link } from "../../ui/Link.tsx"
import { Page } from "../../ui/Page.tsx"
import { ProgressBar } from "../../ui/ProgressBar.tsx"
import { SearchField } from "../../ui/SearchField.tsx"
import { Skeleton } from "../../ui/Skeleton.tsx"
import { QueryState } from "../shell/QueryState.tsx"
import { useSession } from "../shell/Session.tsx"
import { ShowMore } from "../shell/ShowMore.tsx"
import { StatusBadge } from "./StatusBadge.tsx"

const statuses = [
  { value: "", label: "Any state" },
  { value: "RUNNING", label: "Running" },
  { value: "QUEUED", label: "Waiting" },
  { value: "SUCCEEDED", label: "Done" },
  { value: "FAILED", label: "Failed" },
  { value: "CANCELLED", label: "Stopped" },
] as const satisfies { value: RunStatus | ""; label: string }[]

export function RunList() {
  const { team } = useSession()
  const router = useRouter()
  const [search, setSearch] = useState("")
  const [status, setStatus] = useState<RunStatus | "">("")
  const [chosen, setChosen] = useState<readonly string[]>([])
  const wanted = useDeferredValue(search)
  const variables = { teamId: team.id, search: wanted || null, status: status || null }
  const query = useQuery(RunsDocument, { variables, fetchPolicy: "cache-and-network" })
  useShortcut("n", "Start a run", "Runs", () => router.push("/runs/new"))
  const toggle = (id: string) =>
    setChosen((now) => (now.includes(id) ? now.filter((one) => one !== id) : [...now, id].slice(-4)))
  const filtered = wanted !== "" || status !== ""
  const empty = !filtered && query.data?.trainingRuns.edges.length === 0
  return (
    <Page
      title="Runs"
      hint="Everything that was taught here, and everything being taught now."
      actions={
        <>
          {!empty && (
            <>
              <SearchField label="Search runs" value={search} onChange={setSearch} className="w-full sm:w-56" />
              <SelectField
                label="State"
                hideLabel
                choices={statuses}
                value={status}
                onChange={(event) => setStatus(statuses.find(({ value }) => value === event.target.value)?.value ?? "")}
                className="w-32"
              />
              <Button
                reason={chosen.length < 2 ? "Tick two to four runs to compare them." : undefined}
                onClick={() => router.push(`/runs/compare?${chosen.map((id) => `run=${id}`).join("&")}`)}
              >
                <GitCompare /> Compare
              </Button>
            </>
          )}
          <IconButton
            label="Copy as query"
            icon={<Code />}
            size="md"
            tipSide="bottom"
            onClick={() => void copyQuery(RunsDocument, variables)}
          />
          <LinkButton variant="primary" href="/runs/new">
            <Play /> Start a run
          </LinkButton>
        </>
      }
    >
      <QueryState query={query} skeleton={<Skeleton className="h-72" />}>
        {({ trainingRuns }) =>
          trainingRuns.edges.length === 0 ? (
            <EmptyState
              icon={<TrendingDown />}
              title={filtered ? "No run matches" : "No run yet"}
              className="rounded-2xl border border-border border-dashed bg-surface"
              actions={
                filtered ? (
                  <Button
                    onClick={() => {
                      setSearch("")
                      setStatus("")
                    }}
                  >
                    Show all
                  </Button>
                ) : (
                  <LinkButton variant="primary" href="/runs/new">
                    Start the first run
                  </LinkButton>
                )
              }
            >
              {!filtered && "A run teaches a model your subject. You can watch it learn, stop it, and go on later."}
            </EmptyState>
          ) : (
            <>
              <ul className="overflow-hidden rounded-2xl border border-border bg-surface shadow-surface">
                {trainingRuns.edges.map(({ node }) => (
                  <RunRow key={node.id} run={node} chosen={chosen.includes(node.id)} onToggle={() => toggle(node.id)} />
                ))}
              </ul>
              <ShowMore page={trainingRuns.pageInfo} fetchMore={query.fetchMore} />
            </>
          )
        }
      </QueryState>
    </Page>
  )
}

function RunRow({ run, chosen, onToggle }: { run: RunSummaryFragment; chosen: boolean; onToggle: () => void }) {
  const share = run.totalSteps ? run.step / run.totalSteps : undefined
  const running = run.status === "RUNNING"
  return (
    <li className="flex items-center gap-3 border-separator border-t px-4 py-3 first:border-t-0 hover:bg-surface-secondary">
      <input
        type="checkbox"
        checked={chosen}
        onChange={onToggle}
        aria-label={`Compare ${run.name}`}
        className="size-4 shrink-0 accent-[var(--accent)]"
      />
      <Link
        href={`/runs/${run.id}`}
        className="grid min-w-0 flex-1 items-center gap-x-4 gap-y-1 rounded sm:grid-cols-[minmax(0,1fr)_8rem_11rem_6rem]"
      >
        <span className="min-w-0">
          <span className="flex items-center gap-1.5">
            <span className="truncate font-medium">{run.name}</span>
            {run.favourite && <Star aria-label="Favourite" className="size-3.5 shrink-0 fill-best text-best" />}
          </span>
          <span className="block truncate text-muted text-sm">
            {[
              run.datasetVersion?.dataset.name,
              run.baseModel?.name,
              run.createdBy?.name,
              formatAgo(run.queuedAt, Date.now()),
            ]
              .filter(Boolean)
              .join(" · ")}
          </span>
        </span>
        <span>
          <StatusBadge status={run.status} stale={running && !run.alive} />
        </span>
        <span
          className={classes(
            "whitespace-nowrap text-muted text-sm tabular-nums",
            run.status === "QUEUED" && "invisible",
          )}
        >
          <ProgressBar
            label={`Progress of ${run.name}`}
            value={share}
            tone={running ? "accent" : run.status === "SUCCEEDED" ? "success" : "muted"}
            className="mb-1"
          />
          {formatNumber(run.step)}
          {run.totalSteps !== null && ` / ${formatNumber(run.totalSteps)}`}
          {running && run.etaSeconds !== null && ` · ${formatDuration(run.etaSeconds)}`}
        </span>
        <span className="hidden text-right text-muted text-sm tabular-nums sm:block">
          {run.loss !== null && `loss ${formatNumber(run.loss)}`}
        </span>
      </Link>
    </li>
  )
}

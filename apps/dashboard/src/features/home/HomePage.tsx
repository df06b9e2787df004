"use client"

/** The first minute as four steps, then what is going on and what was made last. */

import { useQuery } from "@apollo/client/react"
import { Images, Play, Sparkles } from "lucide-react"
import { HomeDocument, type HomeQuery } from "../../graphql/generated/graphql.ts"
import { LinkButton } from "../../ui/Button.tsx"
import { formatDuration, formatNumber } from "../../ui/format.ts"
import { Link } from "../../ui/Link.tsx"
import { Page } from "../../ui/Page.tsx"
import { Panel } from "../../ui/Panel.tsx"
import { ProgressBar } from "../../ui/ProgressBar.tsx"
import { Skeleton } from "../../ui/Skeleton.tsx"
import { DropForNewDataset } from "../datasets/DropForNewDataset.tsx"
import { ImageTiles } from "../generate/ImageTiles.tsx"
import { StatusBadge } from "../runs/StatusBadge.tsx"
import { QueryState } from "../shell/QueryState.tsx"
import { useSession } from "../shell/Session.tsx"
import { WorkerNotice } from "../workers/WorkerNotice.tsx"
import { FirstMinute } from "./FirstMinute.tsx"

export type HomeData = HomeQuery

export function HomePage() {
  const { team, user } = useSession()
  const query = useQuery(HomeDocument, { variables: { teamId: team.id }, fetchPolicy: "cache-and-network" })
  const [firstName = user.name] = user.name.split(" ")
  return (
    <Page
      title={`Hello, ${firstName}`}
      actions={
        // A newcomer has one next thing to do, and it stands below.
        query.data !== undefined &&
        query.data.generatedImages.totalCount > 0 && (
          <>
            <LinkButton href="/runs/new">
              <Play /> Start a run
            </LinkButton>
            <LinkButton variant="primary" href="/generate">
              <Sparkles /> Generate
            </LinkButton>
          </>
        )
      }
    >
      <QueryState query={query} skeleton={<HomeSkeleton />}>
        {(data) => (
          <>
            <DropForNewDataset />
            <WorkerNotice workers={data.workers} />
            {data.generatedImages.totalCount === 0 && <FirstMinute data={data} />}
            {data.trainingRuns.edges.length > 0 && <Runs data={data} />}
            {data.generatedImages.edges.length > 0 && (
              <Panel
                title="Latest images"
                actions={
                  <LinkButton size="sm" href="/generate">
                    All images
                  </LinkButton>
                }
              >
                <ImageTiles
                  images={data.generatedImages.edges.map(({ node }) => node)}
                  className="grid-cols-3 sm:grid-cols-4 lg:grid-cols-6"
                />
              </Panel>
            )}
            {data.datasets.edges.length > 0 && data.generatedImages.totalCount > 0 && (
              <Panel
                title="Data sets"
                actions={
                  <LinkButton size="sm" href="/datasets">
                    <Images /> All data sets
                  </LinkButton>
                }
              >
                <ul className="grid gap-3 sm:grid-cols-2 lg:grid-cols-4">
                  {data.datasets.edges.map(({ node }) => (
                    <li key={node.id}>
                      <Link
                        href={`/datasets/${node.id}`}
                        className="block overflow-hidden rounded-xl border border-border hover:border-accent"
                      >
                        <div className="grid aspect-[4/1] grid-cols-4 gap-px bg-surface-secondary">
                          {node.images.edges.map(({ node: image }) => (
                            <img
                              key={image.id}
                              src={image.thumbnailUrl}
                              alt=""
                              loading="lazy"
                              className="aspect-square w-full object-cover"
                            />
                          ))}
                        </div>
                        <p className="truncate px-3 py-2 text-sm">{node.name}</p>
                      </Link>
                    </li>
                  ))}
                </ul>
              </Panel>
            )}
          </>
        )}
      </QueryState>
    </Page>
  )
}

function Runs({ data }: { data: HomeData }) {
  return (
    <Panel
      title="Latest runs"
      actions={
        <LinkButton size="sm" href="/runs">
          All runs
        </LinkButton>
      }
      flush
    >
      <ul>
        {data.trainingRuns.edges.map(({ node }) => {
          const sample = node.samples.findLast(({ step }) => step > 0) ?? node.samples.at(-1)
          const running = node.status === "RUNNING"
          return (
            <li key={node.id} className="border-separator border-t">
              <Link href={`/runs/${node.id}`} className="flex items-center gap-4 px-5 py-3 hover:bg-surface-secondary">
                {sample === undefined ? (
                  <span className="size-12 shrink-0 rounded-lg bg-surface-tertiary" />
                ) : (
                  <img
                    src={sample.thumbnailUrl}
                    alt=""
                    className="size-12 shrink-0 rounded-lg bg-surface-tertiary object-cover"
                  />
                )}
                <span className="min-w-0 flex-1">
                  <span className="block truncate font-medium">{node.name}</span>
                  <span className="block truncate text-muted text-sm tabular-nums">
                    step {formatNumber(node.step)}
                    {node.totalSteps !== null && ` of ${formatNumber(node.totalSteps)}`}
                    {running && node.etaSeconds !== null && `, done in ${formatDuration(node.etaSeconds)}`}
                    {node.loss !== null && `, loss ${formatNumber(node.loss)}`}
                  </span>
                  {running && (
                    <ProgressBar
                      label={`Progress of ${node.name}`}
                      value={node.totalSteps ? node.step / node.totalSteps : undefined}
                      className="mt-1.5"
                    />
                  )}
                </span>
                <StatusBadge status={node.status} stale={running && !node.alive} />
              </Link>
            </li>
          )
        })}
      </ul>
    </Panel>
  )
}

function HomeSkeleton() {
  return (
    <>
      <Skeleton className="h-56" />
      <Skeleton className="h-64" />
    </>
  )
}

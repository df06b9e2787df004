"use client"

/** What was fetched, pushed, imported and exported, and is: the way back to what a transfer has made. */

import { useQuery } from "@apollo/client/react"
import { ArrowLeftRight } from "lucide-react"
import { TransfersDocument } from "../../graphql/generated/graphql.ts"
import { LinkButton } from "../../ui/Button.tsx"
import { EmptyState } from "../../ui/EmptyState.tsx"
import { count, formatAgo, formatBytes } from "../../ui/format.ts"
import { Link } from "../../ui/Link.tsx"
import { Page } from "../../ui/Page.tsx"
import { Skeleton } from "../../ui/Skeleton.tsx"
import { StatusBadge } from "../runs/StatusBadge.tsx"
import { QueryState } from "../shell/QueryState.tsx"
import { useSession } from "../shell/Session.tsx"
import { ShowMore } from "../shell/ShowMore.tsx"

export function TransferList() {
  const { team } = useSession()
  const query = useQuery(TransfersDocument, { variables: { teamId: team.id }, fetchPolicy: "cache-and-network" })
  return (
    <Page
      title="Transfers"
      hint="Files on their way to and from the Hub, and into other forms; what was exported is downloaded here."
    >
      <QueryState query={query} skeleton={<Skeleton className="h-72" />}>
        {({ transfers }) =>
          transfers.edges.length === 0 ? (
            <EmptyState
              icon={<ArrowLeftRight />}
              title="Nothing was transferred yet"
              className="rounded-2xl border border-border border-dashed bg-surface"
              actions={
                <>
                  <LinkButton href="/datasets">Data sets</LinkButton>
                  <LinkButton href="/models">Models</LinkButton>
                </>
              }
            >
              A data set is fetched from the Hub with “New data set”; a model is imported, exported and published on the
              models’ pages.
            </EmptyState>
          ) : (
            <>
              <ul className="overflow-hidden rounded-2xl border border-border bg-surface shadow-surface">
                {transfers.edges.map(({ node }) => (
                  <li key={node.id} className="border-separator border-t first:border-t-0">
                    <Link
                      href={`/transfers/${node.id}`}
                      className="flex items-center gap-4 px-5 py-3 hover:bg-surface-secondary"
                    >
                      <span className="min-w-0 flex-1">
                        <span className="block truncate font-medium">{node.name}</span>
                        <span className="block truncate text-muted text-sm">
                          {[
                            node.repo,
                            node.files.length > 0 &&
                              `${count(node.files.length, "file")} to download, ${formatBytes(node.files.reduce((sum, { byteSize }) => sum + byteSize, 0))}`,
                            node.failure?.message,
                            formatAgo(node.queuedAt, Date.now()),
                          ]
                            .filter(Boolean)
                            .join(" · ")}
                        </span>
                      </span>
                      <StatusBadge status={node.status} stale={node.status === "RUNNING" && !node.alive} />
                    </Link>
                  </li>
                ))}
              </ul>
              <ShowMore page={transfers.pageInfo} fetchMore={query.fetchMore} />
            </>
          )
        }
      </QueryState>
    </Page>
  )
}

"use client"

import { useQuery } from "@apollo/client/react"
import { ArrowLeftRight, Boxes, FileInput } from "lucide-react"
import dynamic from "next/dynamic"
import { useDeferredValue, useState } from "react"
import { ModelsDocument } from "../../graphql/generated/graphql.ts"
import { Button, LinkButton } from "../../ui/Button.tsx"
import { EmptyState } from "../../ui/EmptyState.tsx"
import { formatAgo, formatBytes } from "../../ui/format.ts"
import { Link } from "../../ui/Link.tsx"
import { Page } from "../../ui/Page.tsx"
import { SearchField } from "../../ui/SearchField.tsx"
import { Skeleton } from "../../ui/Skeleton.tsx"
import { QueryState } from "../shell/QueryState.tsx"
import { useSession } from "../shell/Session.tsx"
import { ShowMore } from "../shell/ShowMore.tsx"
import { kindNames } from "./modelKind.ts"

const ImportFile = dynamic(() => import("./ImportFile.tsx").then((module) => module.ImportFile), { ssr: false })

export function ModelList() {
  const { team, readOnly } = useSession()
  const [search, setSearch] = useState("")
  const [importing, setImporting] = useState(false)
  const wanted = useDeferredValue(search)
  const query = useQuery(ModelsDocument, {
    variables: { teamId: team.id, search: wanted || null },
    fetchPolicy: "cache-and-network",
  })
  return (
    <Page
      title="Models"
      hint="What your runs became: to draw with, to publish, to share."
      actions={
        <>
          <SearchField label="Search models" value={search} onChange={setSearch} />
          <LinkButton variant="ghost" href="/transfers">
            <ArrowLeftRight /> Transfers
          </LinkButton>
          <Button reason={readOnly} onClick={() => setImporting(true)}>
            <FileInput /> Import a file
          </Button>
        </>
      }
    >
      {importing && <ImportFile onClose={() => setImporting(false)} />}
      <QueryState query={query} skeleton={<Skeleton className="h-60" />}>
        {({ models }) =>
          models.edges.length === 0 ? (
            <EmptyState
              icon={<Boxes />}
              title={wanted === "" ? "No model yet" : "No model matches"}
              className="rounded-2xl border border-border border-dashed bg-surface"
              actions={
                wanted === "" ? (
                  <LinkButton variant="primary" href="/runs">
                    Go to the runs
                  </LinkButton>
                ) : (
                  <Button onClick={() => setSearch("")}>Show all</Button>
                )
              }
            >
              {wanted === "" &&
                "A finished run leaves a model here. You can also make one of any checkpoint that looks better."}
            </EmptyState>
          ) : (
            <>
              <ul className="grid grid-cols-[minmax(0,1fr)] gap-4 sm:grid-cols-2 xl:grid-cols-3">
                {models.edges.map(({ node }) => {
                  const samples = node.run?.samples.filter(({ step }) => step > 0).slice(-4) ?? []
                  return (
                    <li key={node.id}>
                      <Link
                        href={`/models/${node.id}`}
                        className="block overflow-hidden rounded-2xl border border-border bg-surface shadow-surface hover:border-accent"
                      >
                        <div className="grid aspect-[4/1] grid-cols-4 gap-0.5 bg-surface-secondary">
                          {samples.length === 0 && (
                            <Boxes aria-hidden="true" className="col-span-4 size-7 place-self-center text-muted" />
                          )}
                          {samples.map((sample) => (
                            <img
                              key={sample.id}
                              src={sample.thumbnailUrl}
                              alt=""
                              loading="lazy"
                              className="aspect-square size-full object-cover"
                            />
                          ))}
                        </div>
                        <div className="px-4 py-3">
                          <p className="flex items-center gap-2">
                            <span className="min-w-0 flex-1 truncate font-semibold">{node.name}</span>
                            <span className="chip chip--default">{kindNames[node.kind]}</span>
                          </p>
                          <p className="truncate text-muted text-sm">
                            {[
                              node.instancePrompt && `“${node.instancePrompt}”`,
                              formatBytes(node.byteSize),
                              formatAgo(node.createdAt, Date.now()),
                              node.hubId,
                            ]
                              .filter(Boolean)
                              .join(" · ")}
                          </p>
                        </div>
                      </Link>
                    </li>
                  )
                })}
              </ul>
              <ShowMore page={models.pageInfo} fetchMore={query.fetchMore} />
            </>
          )
        }
      </QueryState>
    </Page>
  )
}

"use client"

import { useQuery } from "@apollo/client/react"
import { SourceRunDocument } from "../../graphql/generated/graphql.ts"
import { Page } from "../../ui/Page.tsx"
import { Skeleton } from "../../ui/Skeleton.tsx"
import { Missing } from "../shell/Missing.tsx"
import { QueryState } from "../shell/QueryState.tsx"
import { DrawnImages } from "./DrawnImages.tsx"

/** What the checkpoints and models of one run drew. */
export function RunImagesPage({ id }: { id: string }) {
  const query = useQuery(SourceRunDocument, { variables: { runId: id } })
  return (
    <QueryState query={query} skeleton={<Skeleton className="m-8 h-96" />}>
      {({ trainingRun: run }) => {
        if (run === null) return <Missing what="run" href="/runs" all="All runs" />
        const newest = run.checkpoints.at(-1)
        return (
          <Page
            title={`Images of ${run.name}`}
            hint="Drawn by its checkpoints and by the models made of it."
            crumbs={[
              { label: "Runs", href: "/runs" },
              { label: run.name, href: `/runs/${run.id}` },
              { label: "Images" },
            ]}
          >
            <DrawnImages
              by={{ runId: id }}
              generateHref={newest === undefined ? "/generate" : `/generate?run=${run.id}&checkpoint=${newest.id}`}
            />
          </Page>
        )
      }}
    </QueryState>
  )
}

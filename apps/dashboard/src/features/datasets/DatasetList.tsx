"use client"

import { useQuery } from "@apollo/client/react"
import { Images, Plus } from "lucide-react"
import { useRouter, useSearchParams } from "next/navigation"
import { useDeferredValue, useState } from "react"
import {
  CreateDatasetDocument,
  CreateSampleConceptDocument,
  DatasetsDocument,
} from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { useShortcut } from "../../shortcuts/useShortcut.ts"
import { Button } from "../../ui/Button.tsx"
import { EmptyState } from "../../ui/EmptyState.tsx"
import { count, formatAgo, formatBytes } from "../../ui/format.ts"
import { Link } from "../../ui/Link.tsx"
import { Page } from "../../ui/Page.tsx"
import { SearchField } from "../../ui/SearchField.tsx"
import { Skeleton } from "../../ui/Skeleton.tsx"
import { QueryState } from "../shell/QueryState.tsx"
import { useSession } from "../shell/Session.tsx"
import { ShowMore } from "../shell/ShowMore.tsx"
import { DropForNewDataset } from "./DropForNewDataset.tsx"
import { NewDataset } from "./NewDataset.tsx"

export function DatasetList() {
  const { team, readOnly } = useSession()
  const router = useRouter()
  const parameters = useSearchParams()
  const [search, setSearch] = useState("")
  const [creating, setCreating] = useState(parameters.has("new"))
  const wanted = useDeferredValue(search)
  const query = useQuery(DatasetsDocument, {
    variables: { teamId: team.id, search: wanted === "" ? null : wanted },
    fetchPolicy: "cache-and-network",
  })
  const create = useAct(CreateDatasetDocument, { quiet: true })
  const sample = useAct(CreateSampleConceptDocument)
  useShortcut("n", "New data set", "Data sets", () => setCreating(true), readOnly === undefined)

  const createNamed = async (name: string) => {
    const created = await create.act({ teamId: team.id, name })
    if (created !== undefined) router.push(`/datasets/${created.id}`)
  }
  const takeSample = async () => {
    const concept = await sample.act({ teamId: team.id })
    if (concept?.dataset) router.push(`/datasets/${concept.dataset.id}`)
  }

  return (
    <Page
      title="Data sets"
      hint="The pictures of your subjects, with their captions."
      actions={
        <>
          {(wanted !== "" || query.data?.datasets.edges.length !== 0) && (
            <SearchField label="Search data sets" value={search} onChange={setSearch} className="w-full sm:w-56" />
          )}
          <Button variant="primary" reason={readOnly} onClick={() => setCreating(true)}>
            <Plus /> New data set
          </Button>
        </>
      }
    >
      <DropForNewDataset />
      <QueryState query={query} skeleton={<CardSkeletons />}>
        {({ datasets }) =>
          datasets.edges.length === 0 ? (
            <EmptyState
              icon={<Images />}
              title={wanted === "" ? "No pictures yet" : `No data set is called “${wanted}”`}
              className="rounded-2xl border border-border border-dashed bg-surface"
              actions={
                wanted !== "" ? (
                  <Button onClick={() => setSearch("")}>Show all</Button>
                ) : (
                  <>
                    <Button variant="primary" reason={readOnly} onClick={() => setCreating(true)}>
                      Use my own pictures
                    </Button>
                    <Button reason={readOnly} busy={sample.busy} onClick={takeSample}>
                      Try the sample: five pictures
                    </Button>
                  </>
                )
              }
            >
              {wanted === "" &&
                "Three to ten sharp pictures of one subject, from different sides and before different backgrounds, are enough. Drop them here, and they get a data set of their own."}
            </EmptyState>
          ) : (
            <>
              <ul className="grid grid-cols-[minmax(0,1fr)] gap-4 sm:grid-cols-2 xl:grid-cols-3">
                {datasets.edges.map(({ node }) => (
                  <li key={node.id}>
                    <Link
                      href={`/datasets/${node.id}`}
                      className="block overflow-hidden rounded-2xl border border-border bg-surface shadow-surface transition-colors hover:border-accent"
                    >
                      <div className="grid aspect-[4/1] grid-cols-4 gap-0.5 bg-surface-secondary">
                        {node.images.edges.map(({ node: image }) => (
                          <img
                            key={image.id}
                            src={image.thumbnailUrl}
                            alt=""
                            loading="lazy"
                            className="aspect-square size-full object-cover"
                          />
                        ))}
                      </div>
                      <div className="px-4 py-3">
                        <p className="truncate font-semibold">{node.name}</p>
                        <p className="flex flex-wrap gap-x-3 text-muted text-sm">
                          <span>{count(node.imageCount, "picture")}</span>
                          <span>{formatBytes(node.byteSize)}</span>
                          <span>{formatAgo(node.updatedAt, Date.now())}</span>
                          {node.warnings.length > 0 && (
                            <span className="text-warning-soft-foreground">{count(node.warnings.length, "hint")}</span>
                          )}
                        </p>
                      </div>
                    </Link>
                  </li>
                ))}
              </ul>
              <ShowMore page={datasets.pageInfo} fetchMore={query.fetchMore} />
            </>
          )
        }
      </QueryState>
      <NewDataset
        open={creating}
        onClose={() => setCreating(false)}
        onCreate={createNamed}
        busy={create.busy}
        problem={create.refusal?.message}
      />
    </Page>
  )
}

function CardSkeletons() {
  return (
    <div className="grid gap-4 sm:grid-cols-2 xl:grid-cols-3">
      {["a", "b", "c"].map((key) => (
        <Skeleton key={key} className="h-44" />
      ))}
    </div>
  )
}

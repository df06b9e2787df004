"use client"

/** Forwards in the lineage: the images that a model, a run's checkpoints or a base model drew. */

import { useQuery } from "@apollo/client/react"
import { Sparkles } from "lucide-react"
import { DrawnImagesDocument } from "../../graphql/generated/graphql.ts"
import { LinkButton } from "../../ui/Button.tsx"
import { EmptyState } from "../../ui/EmptyState.tsx"
import { Skeleton } from "../../ui/Skeleton.tsx"
import { QueryState } from "../shell/QueryState.tsx"
import { useSession } from "../shell/Session.tsx"
import { ShowMore } from "../shell/ShowMore.tsx"
import { ImageTiles } from "./ImageTiles.tsx"

type DrawnImagesProps = {
  by: { modelId: string } | { runId: string } | { baseModelId: string }
  /** Where one is made. */
  generateHref: string
}

export function DrawnImages({ by, generateHref }: DrawnImagesProps) {
  const { team } = useSession()
  const query = useQuery(DrawnImagesDocument, {
    variables: { teamId: team.id, ...by },
    fetchPolicy: "cache-and-network",
  })
  return (
    <QueryState query={query} skeleton={<Skeleton className="h-60" />}>
      {({ generatedImages }) =>
        generatedImages.edges.length === 0 ? (
          <EmptyState
            icon={<Sparkles />}
            title="Nothing drawn with it yet"
            className="rounded-2xl border border-border border-dashed bg-surface"
            actions={
              <LinkButton variant="primary" href={generateHref}>
                Generate
              </LinkButton>
            }
          />
        ) : (
          <div className="flex flex-col gap-4">
            <ImageTiles
              images={generatedImages.edges.map(({ node }) => node)}
              className="grid-cols-2 sm:grid-cols-4 lg:grid-cols-6"
            />
            <ShowMore page={generatedImages.pageInfo} fetchMore={query.fetchMore} />
          </div>
        )
      }
    </QueryState>
  )
}

"use client"

import { useQuery } from "@apollo/client/react"
import { Sparkles } from "lucide-react"
import Link from "next/link"
import { ModelImagesDocument } from "../../graphql/generated/graphql.ts"
import { LinkButton } from "../../ui/Button.tsx"
import { EmptyState } from "../../ui/EmptyState.tsx"
import { QueryState } from "../shell/QueryState.tsx"
import { useSession } from "../shell/Session.tsx"

export function ModelImages({ modelId }: { modelId: string }) {
  const { team } = useSession()
  const query = useQuery(ModelImagesDocument, { variables: { teamId: team.id, modelId } })
  return (
    <QueryState query={query}>
      {({ generatedImages }) =>
        generatedImages.edges.length === 0 ? (
          <EmptyState
            icon={<Sparkles />}
            title="Nothing drawn with it yet"
            actions={
              <LinkButton variant="primary" href={`/generate?model=${modelId}`}>
                Generate
              </LinkButton>
            }
          />
        ) : (
          <ul className="grid grid-cols-2 gap-2 sm:grid-cols-3 lg:grid-cols-4">
            {generatedImages.edges.map(({ node }) => (
              <li key={node.id}>
                <Link href={`/images/${node.id}`} className="block overflow-hidden rounded-xl">
                  <img
                    src={node.thumbnailUrl}
                    alt={node.prompt}
                    loading="lazy"
                    className="aspect-square w-full object-cover"
                  />
                </Link>
              </li>
            ))}
          </ul>
        )
      }
    </QueryState>
  )
}

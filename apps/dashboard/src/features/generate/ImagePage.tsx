"use client"

import { useQuery } from "@apollo/client/react"
import { Download, Heart, Sparkles } from "lucide-react"
import { ImageDetailDocument, SetFavouriteDocument } from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { IconButton, LinkButton } from "../../ui/Button.tsx"
import { Page } from "../../ui/Page.tsx"
import { Panel } from "../../ui/Panel.tsx"
import { Skeleton } from "../../ui/Skeleton.tsx"
import { Missing } from "../shell/Missing.tsx"
import { QueryState } from "../shell/QueryState.tsx"
import { ImageFacts } from "./ImageFacts.tsx"

/** One image under its own address. */
export function ImagePage({ id }: { id: string }) {
  const query = useQuery(ImageDetailDocument, { variables: { id } })
  const favour = useAct(SetFavouriteDocument)
  return (
    <QueryState query={query} skeleton={<Skeleton className="m-8 h-96" />}>
      {({ generatedImage: image }) => {
        if (image === null) return <Missing what="image" href="/generate" all="All images" />
        const again =
          image.lineage.model === null
            ? `?prompt=${encodeURIComponent(image.prompt)}`
            : `?model=${image.lineage.model.id}&prompt=${encodeURIComponent(image.prompt)}`
        return (
          <Page
            title="Image"
            crumbs={[{ label: "Generate", href: "/generate" }, { label: "Image" }]}
            actions={
              <>
                <IconButton
                  label="Favourite"
                  size="md"
                  aria-pressed={image.favourite}
                  icon={<Heart className={image.favourite ? "fill-current" : ""} />}
                  onClick={() => favour.act({ imageIds: [id], favourite: !image.favourite })}
                />
                <a href={image.downloadUrl} download className="button button--tertiary">
                  <Download /> Download
                </a>
                <LinkButton variant="primary" href={`/generate${again}`}>
                  <Sparkles /> More like it
                </LinkButton>
              </>
            }
          >
            <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_22rem]">
              <div className="checkered grid place-items-center overflow-hidden rounded-2xl">
                <img
                  src={image.url}
                  alt={image.prompt}
                  width={image.width}
                  height={image.height}
                  className="max-h-[76dvh] w-full object-contain"
                />
              </div>
              <Panel title="Made with">
                <div className="flex flex-col gap-5">
                  <ImageFacts image={image} />
                </div>
              </Panel>
            </div>
          </Page>
        )
      }}
    </QueryState>
  )
}

"use client"

import { useQuery } from "@apollo/client/react"
import { Code, Download, Ellipsis, Heart, Sparkles } from "lucide-react"
import { useRouter } from "next/navigation"
import { copyQuery } from "../../graphql/copyQuery.ts"
import { ImageDetailDocument, SetFavouriteDocument } from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { useShortcut } from "../../shortcuts/useShortcut.ts"
import { IconButton, LinkButton } from "../../ui/Button.tsx"
import { Menu } from "../../ui/Menu.tsx"
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
  const router = useRouter()
  const toggle = () => {
    const image = query.data?.generatedImage
    if (image) void favour.act({ imageIds: [id], favourite: !image.favourite })
  }
  useShortcut("a", "Use all its settings", "Image", () => router.push(`/generate?image=${id}`))
  useShortcut("f", "Favourite", "Image", toggle)
  return (
    <QueryState query={query} skeleton={<Skeleton className="m-8 h-96" />}>
      {({ generatedImage: image }) => {
        if (image === null) return <Missing what="image" href="/generate" all="All images" />
        return (
          <Page
            title={image.prompt || "Image"}
            crumbs={[{ label: "Generate", href: "/generate" }, { label: `Image of seed ${image.seed}` }]}
            actions={
              <>
                <IconButton
                  label="Favourite"
                  size="md"
                  aria-pressed={image.favourite}
                  icon={<Heart className={image.favourite ? "fill-current" : ""} />}
                  onClick={toggle}
                />
                <a href={image.downloadUrl} download className="button button--tertiary">
                  <Download /> Download
                </a>
                <LinkButton variant="primary" href={`/generate?image=${id}`}>
                  <Sparkles /> Use its settings
                </LinkButton>
                <Menu
                  trigger={<IconButton label="More" icon={<Ellipsis />} variant="tertiary" size="md" tipAlign="end" />}
                  entries={[
                    {
                      label: "Copy as query",
                      icon: <Code />,
                      onSelect: () => void copyQuery(ImageDetailDocument, { id }),
                    },
                  ]}
                />
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
                  className="max-h-[74dvh] w-full object-contain"
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

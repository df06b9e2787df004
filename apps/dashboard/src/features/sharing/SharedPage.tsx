"use client"

/** What the holder of a share link sees: one thing, read-only, without the studio around it. */

import { useQuery } from "@apollo/client/react"
import dynamic from "next/dynamic"
import type { ReactNode } from "react"
import { SharedDocument, type SharedImageFieldsFragment, type SharedQuery } from "../../graphql/generated/graphql.ts"
import { LinkButton } from "../../ui/Button.tsx"
import { EmptyState } from "../../ui/EmptyState.tsx"
import { formatNumber, formatTime } from "../../ui/format.ts"
import { Link } from "../../ui/Link.tsx"
import { Page } from "../../ui/Page.tsx"
import { Panel } from "../../ui/Panel.tsx"
import { Skeleton } from "../../ui/Skeleton.tsx"
import { cardPictures } from "../models/cardPictures.ts"
import { appendMeasured, emptySeries } from "../runs/metricSeries.ts"
import { StatusBadge } from "../runs/StatusBadge.tsx"
import { Logo } from "../shell/Logo.tsx"
import { QueryState } from "../shell/QueryState.tsx"

const CardPreview = dynamic(() => import("../models/CardPreview.tsx").then((module) => module.CardPreview), {
  ssr: false,
  loading: () => <Skeleton className="h-96" />,
})
const LossPanel = dynamic(() => import("../runs/LossPanel.tsx").then((module) => module.LossPanel), {
  ssr: false,
  loading: () => <Skeleton className="h-80" />,
})

export function SharedPage({ token }: { token: string }) {
  const query = useQuery(SharedDocument, { variables: { token } })
  return (
    <>
      <header className="border-border border-b bg-surface px-6 py-3">
        <Link href="/" className="inline-flex items-center gap-2 font-semibold">
          <Logo className="size-7" /> Fjord
        </Link>
      </header>
      <main>
        <QueryState query={query} skeleton={<Skeleton className="mx-auto mt-8 h-96 max-w-5xl" />}>
          {({ shared }) =>
            shared === null ? (
              <EmptyState
                page
                title="This link shows nothing any more"
                className="py-24"
                actions={<LinkButton href="/">Go to the studio</LinkButton>}
              >
                It was taken back or has expired. Ask whoever sent it for a new one.
              </EmptyState>
            ) : (
              <Shared thing={shared} />
            )
          }
        </QueryState>
      </main>
    </>
  )
}

type Thing = NonNullable<SharedQuery["shared"]>

function Shared({ thing }: { thing: Thing }): ReactNode {
  switch (thing.__typename) {
    case "SharedModelCard":
      return (
        <Page
          title={thing.name}
          hint={[
            thing.instancePrompt && `Call it by “${thing.instancePrompt}”`,
            thing.baseModelName && `on ${thing.baseModelName}`,
            formatTime(thing.createdAt),
          ]
            .filter(Boolean)
            .join(" · ")}
        >
          <Panel>
            <CardPreview markdown={thing.markdown} files={cardPictures(samplesOf(thing.samples))} />
          </Panel>
        </Page>
      )
    case "SharedRun": {
      const series = emptySeries()
      appendMeasured(series, thing.metrics)
      return (
        <Page
          title={thing.name}
          hint={`step ${formatNumber(thing.step)}${thing.totalSteps === null ? "" : ` of ${formatNumber(thing.totalSteps)}`}`}
          actions={<StatusBadge status={thing.status} />}
        >
          <LossPanel series={series} version={0} best={undefined} />
          <Pictures images={thing.images} />
        </Page>
      )
    }
    case "SharedBoard":
      return (
        <Page title={thing.name}>
          <Pictures images={thing.images} />
        </Page>
      )
  }
}

/** Those of the pictures that are samples of a run. */
const samplesOf = (images: readonly SharedImageFieldsFragment[]) =>
  images.flatMap(({ step, promptIndex, seed, prompt, url }) =>
    step === null || promptIndex === null ? [] : [{ step, promptIndex, seed, prompt, url }],
  )

function Pictures({ images }: { images: readonly SharedImageFieldsFragment[] }) {
  if (images.length === 0) return null
  return (
    <ul className="grid grid-cols-2 gap-3 sm:grid-cols-3 lg:grid-cols-4">
      {images.map((image) => (
        <li key={image.url}>
          <a href={image.url} className="block overflow-hidden rounded-xl">
            <img
              src={image.thumbnailUrl}
              alt={image.prompt}
              loading="lazy"
              className="aspect-square w-full bg-surface-secondary object-cover"
            />
          </a>
          <p className="mt-1 line-clamp-2 text-muted text-xs">
            {image.step !== null && `Step ${image.step}: `}
            {image.prompt}
          </p>
        </li>
      ))}
    </ul>
  )
}

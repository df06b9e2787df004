/** What an image was made with and what it comes from, every step of the way in links. */

import type { ReactNode } from "react"
import type { ImageDetailQuery } from "../../graphql/generated/graphql.ts"
import { formatTime } from "../../ui/format.ts"
import { Link } from "../../ui/Link.tsx"
import { choiceName } from "../start/choiceName.ts"
import { readSettings } from "./recall.ts"

type Image = NonNullable<ImageDetailQuery["generatedImage"]>

export function ImageFacts({ image }: { image: Image }) {
  const { lineage } = image
  const settings = readSettings(image.settings)
  const link = (href: string, label: string) => (
    <Link href={href} className="underline decoration-border underline-offset-2 hover:decoration-current">
      {label}
    </Link>
  )
  const facts: [string, ReactNode][] = [
    ["Prompt", image.prompt],
    ["Without", settings.negativePrompt || undefined],
    ["Seed", image.seed],
    ["Size", `${image.width} × ${image.height}`],
    ["Steps", settings.steps],
    ["Guidance", settings.guidanceScale],
    ["Scheduler", settings.scheduler && choiceName(settings.scheduler)],
    ["Starts from", startOf(lineage.generation.imageToImage)],
    ["Board", image.board?.name],
    ["Made", formatTime(image.createdAt)],
  ]
  const origin: [string, ReactNode][] = [
    ["Model", lineage.model && link(`/models/${lineage.model.id}`, lineage.model.name)],
    [
      "Checkpoint",
      lineage.checkpoint &&
        (lineage.run === null
          ? `step ${lineage.checkpoint.step}`
          : link(`/runs/${lineage.run.id}?tab=checkpoints`, `step ${lineage.checkpoint.step}`)),
    ],
    ["Run", lineage.run && link(`/runs/${lineage.run.id}`, lineage.run.name)],
    [
      "Pictures",
      lineage.datasetVersion &&
        link(
          `/datasets/${lineage.datasetVersion.dataset.id}`,
          `${lineage.datasetVersion.dataset.name}, version ${lineage.datasetVersion.number}`,
        ),
    ],
    ["Base model", lineage.baseModel && link(`/base-models/${lineage.baseModel.id}`, lineage.baseModel.name)],
    ...lineage.generation.loras.map(({ model, checkpoint, weight }, index): [string, ReactNode] => [
      numbered("LoRA", index, lineage.generation.loras.length),
      model !== null ? (
        <>
          {link(`/models/${model.id}`, model.name)} × {weight}
        </>
      ) : (
        checkpoint && (
          <>
            {link(`/runs/${checkpoint.run.id}?tab=checkpoints`, `${checkpoint.run.name}, step ${checkpoint.step}`)} ×{" "}
            {weight}
          </>
        )
      ),
    ]),
    ...lineage.generation.embeddings.map(({ model, token }, index): [string, ReactNode] => [
      numbered("Embedding", index, lineage.generation.embeddings.length),
      model === null ? `“${token}”, deleted` : link(`/models/${model.id}`, `${model.name}, “${token}”`),
    ]),
  ]
  return (
    <>
      <Facts facts={facts} />
      <div>
        <h3 className="mb-2 font-medium text-muted text-xs">Comes from</h3>
        <Facts facts={origin} />
      </div>
    </>
  )
}

const numbered = (name: string, index: number, of: number) => (of > 1 ? `${name} ${index + 1}` : name)

/** The picture that it started from, as a link where it has a page of its own; nothing for noise. */
function startOf(start: Image["lineage"]["generation"]["imageToImage"]): ReactNode {
  if (start === null) return undefined
  const { strength, generatedImage, image } = start
  const shown = generatedImage ?? image
  const picture = shown !== null && (
    <img src={shown.thumbnailUrl} alt="The start" className="size-12 rounded object-cover" />
  )
  return (
    <span className="flex items-center gap-2">
      {generatedImage === null ? picture : <Link href={`/images/${generatedImage.id}`}>{picture}</Link>}
      {shown === null ? "a picture that was deleted" : ""} strength {strength}
    </span>
  )
}

function Facts({ facts }: { facts: readonly [string, ReactNode][] }) {
  return (
    <dl className="grid grid-cols-[5.500rem_minmax(0,1fr)] gap-x-3 gap-y-1.5 text-sm">
      {facts.map(
        ([term, value]) =>
          value !== undefined &&
          value !== null && (
            <div key={term} className="contents">
              <dt className="text-muted">{term}</dt>
              <dd className="break-words tabular-nums">{value}</dd>
            </div>
          ),
      )}
    </dl>
  )
}

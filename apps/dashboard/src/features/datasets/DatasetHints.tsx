/** What may spoil training with these pictures, each with its remedy in one click. */

import type { WarningKind } from "../../graphql/generated/graphql.ts"
import { Button, LinkButton } from "../../ui/Button.tsx"
import { count } from "../../ui/format.ts"
import { Notice } from "../../ui/Notice.tsx"
import { captionFix, type Hinted, mendings } from "./mending.ts"
import type { useImageChanges } from "./useImageChanges.ts"

type DatasetHintsProps = {
  dataset: {
    id: string
    warnings: readonly { kind: WarningKind; message: string; fix: string; imageIds: readonly string[] }[]
  }
  images: readonly Hinted[]
  changes: ReturnType<typeof useImageChanges>
  /** The kind to which the pictures are narrowed down. */
  shown: WarningKind | undefined
  onShow: (kind: WarningKind | undefined) => void
  readOnly: string | undefined
}

export function DatasetHints({ dataset, images, changes, shown, onShow, readOnly }: DatasetHintsProps) {
  return dataset.warnings.map(({ kind, message, fix, imageIds }) => {
    const { captions, takeOut, trainAt } = mendings(kind, images)
    return (
      <Notice
        key={kind}
        tone="warning"
        title={message}
        actions={
          <>
            {images.length > imageIds.length && (
              <Button size="sm" aria-pressed={shown === kind} onClick={() => onShow(shown === kind ? undefined : kind)}>
                {shown === kind ? "Show all" : `Show ${imageIds.length === 1 ? "it" : "them"}`}
              </Button>
            )}
            {captions !== undefined && (
              <Button size="sm" reason={readOnly} busy={changes.busy} onClick={() => changes.caption(captions)}>
                {captions.length === 1 ? captionFix[kind]?.one : captionFix[kind]?.all}
              </Button>
            )}
            {trainAt !== undefined && (
              <LinkButton size="sm" href={`/runs/new?dataset=${dataset.id}&resolution=${trainAt}`}>
                Train at {trainAt}
              </LinkButton>
            )}
            {takeOut !== undefined && takeOut.length > 0 && takeOut.length < images.length && (
              <Button size="sm" reason={readOnly} busy={changes.busy} onClick={() => changes.takeOut(takeOut)}>
                Take {takeOut.length === 1 ? "it" : count(takeOut.length, "picture")} out
              </Button>
            )}
          </>
        }
      >
        {fix}
      </Notice>
    )
  })
}

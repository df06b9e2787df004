"use client"

/** One generation with its picture as it comes out of the noise, and what came of it. */

import { useApolloClient, useQuery } from "@apollo/client/react"
import { X } from "lucide-react"
import dynamic from "next/dynamic"
import { useEffect, useState } from "react"
import { GenerationDocument } from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { Button, IconButton } from "../../ui/Button.tsx"
import { count } from "../../ui/format.ts"
import { Notice } from "../../ui/Notice.tsx"
import { Panel } from "../../ui/Panel.tsx"
import { ProgressBar } from "../../ui/ProgressBar.tsx"
import { StatusBadge } from "../runs/StatusBadge.tsx"
import { useRunEvents } from "../runs/useRunEvents.ts"

const WaitingLine = dynamic(() => import("../runs/Waiting.tsx").then((module) => module.WaitingLine))
const cancelRun = () =>
  import("../../graphql/generated/documents/CancelRunDocument.ts").then((module) => module.CancelRunDocument)

type Step = { step: number; total: number; dataUrl: string | undefined }

type MakingProps = {
  id: string
  /** It is the latest, and stays with its image when it is done: nothing below moves while somebody looks. */
  stays: boolean
  onGone: (id: string) => void
}

export function Making({ id, stays, onGone }: MakingProps) {
  const client = useApolloClient()
  const { data } = useQuery(GenerationDocument, { variables: { id } })
  const [preview, setPreview] = useState<Step>()
  const cancel = useAct(cancelRun)
  const run = data?.generation
  useRunEvents(id, 0, (events) => {
    for (const event of events) {
      const step = readStep(event.data)
      if (step !== undefined) setPreview((now) => ({ ...step, dataUrl: step.dataUrl ?? now?.dataUrl }))
      if (event.type === "ImageSaved") {
        setPreview(undefined)
        void client.refetchQueries({ include: ["Gallery", "Generation"] })
      }
    }
  })
  const over = run?.status === "SUCCEEDED" && !stays
  useEffect(() => {
    if (over) onGone(id)
  }, [over, onGone, id])
  if (run === null || run === undefined || over) return null
  // The one that is being made, and between two of them the last that was.
  const shown = preview?.dataUrl ?? run.images.at(-1)?.thumbnailUrl
  const active = run.status === "QUEUED" || run.status === "RUNNING"
  return (
    <Panel>
      <div className="flex items-center gap-4">
        <div className="checkered grid size-28 shrink-0 place-items-center overflow-hidden rounded-xl">
          {shown !== undefined && (
            <img
              src={shown}
              alt={preview === undefined ? run.name : "As far as it is"}
              className="size-full object-cover"
            />
          )}
        </div>
        <div className="min-w-0 flex-1">
          <p className="truncate font-medium">{run.name}</p>
          <p className="my-1.5 flex items-center gap-2 text-muted text-sm">
            <StatusBadge status={run.status} />
            <span className="min-w-0 truncate tabular-nums">
              {run.status === "QUEUED" && <WaitingLine id={id} />}
              {run.status === "RUNNING" &&
                (run.phase?.text ?? (preview === undefined ? "" : `step ${preview.step} of ${preview.total}`))}
              {run.status === "SUCCEEDED" && `${count(run.images.length, "image")} in the gallery`}
            </span>
          </p>
          {active && (
            <ProgressBar
              label={`Progress of ${run.name}`}
              value={preview === undefined ? (run.status === "QUEUED" ? 0 : undefined) : preview.step / preview.total}
            />
          )}
          {run.failure !== null && (
            <Notice tone="danger" title={run.failure.message}>
              {run.failure.advice}
            </Notice>
          )}
        </div>
        {active ? (
          <Button size="sm" busy={cancel.busy} onClick={() => cancel.act({ id })}>
            Stop
          </Button>
        ) : (
          <IconButton label="Close" icon={<X />} onClick={() => onGone(id)} tipAlign="end" />
        )}
      </div>
    </Panel>
  )
}

function readStep(data: unknown): Step | undefined {
  if (typeof data !== "object" || data === null || !("step" in data) || !("total" in data)) return undefined
  const { step, total } = data
  if (typeof step !== "number" || typeof total !== "number") return undefined
  return { step, total, dataUrl: "dataUrl" in data && typeof data.dataUrl === "string" ? data.dataUrl : undefined }
}

"use client"

import { Ellipsis, Play, Sparkles, Square, Star } from "lucide-react"
import { useState } from "react"
import { useAct } from "../../graphql/useAct.ts"
import { Button, IconButton, LinkButton } from "../../ui/Button.tsx"
import { Confirm } from "../../ui/Confirm.tsx"
import { MenuOf } from "../../ui/Menu.tsx"
import { useSession } from "../shell/Session.tsx"
import type { RunPageRun } from "./useRunFollow.ts"

const cancelRun = () =>
  import("../../graphql/generated/documents/CancelRunDocument.ts").then((module) => module.CancelRunDocument)
const resumeRun = () =>
  import("../../graphql/generated/documents/ResumeRunDocument.ts").then((module) => module.ResumeRunDocument)
const updateRun = () =>
  import("../../graphql/generated/documents/UpdateRunDocument.ts").then((module) => module.UpdateRunDocument)
const menu = () => import("./RunMenu.tsx").then(({ RunMenu }) => RunMenu)

export function RunActions({ run }: { run: RunPageRun }) {
  const { readOnly } = useSession()
  const [stopping, setStopping] = useState(false)
  const cancel = useAct(cancelRun)
  const resume = useAct(resumeRun, { refetch: ["ActiveRuns"] })
  const update = useAct(updateRun)
  const active = run.status === "QUEUED" || run.status === "RUNNING"
  const latest = run.checkpoints.at(-1)
  // What the run ended with stands above its last checkpoint; a model that was made of a checkpoint does not.
  const model = run.models.find(({ step }) => step === run.step)
  const draws =
    model !== undefined
      ? `model=${model.id}`
      : latest !== undefined
        ? `run=${run.id}&checkpoint=${latest.id}`
        : undefined
  return (
    <>
      <IconButton
        label={run.favourite ? "No favourite any more" : "Favourite"}
        aria-pressed={run.favourite}
        icon={<Star className={run.favourite ? "fill-best text-best" : ""} />}
        size="md"
        onClick={() => update.act({ id: run.id, favourite: !run.favourite })}
      />
      {active ? (
        <Button
          variant="danger-soft"
          reason={run.cancelRequestedAt !== null ? "It is stopping; the step in work is finished first." : readOnly}
          busy={cancel.busy}
          onClick={() => setStopping(true)}
        >
          <Square /> Stop
        </Button>
      ) : run.status !== "SUCCEEDED" ? (
        <>
          {run.status === "FAILED" && readOnly === undefined && (
            <LinkButton href={`/runs/new?from=${run.id}`}>Copy and change</LinkButton>
          )}
          <Button variant="primary" reason={readOnly} busy={resume.busy} onClick={() => resume.act({ id: run.id })}>
            <Play /> {latest === undefined ? "Try again" : `Go on from step ${latest.step}`}
          </Button>
        </>
      ) : (
        draws !== undefined && (
          <LinkButton variant="primary" href={`/generate?${draws}`}>
            <Sparkles /> Generate
          </LinkButton>
        )
      )}
      <MenuOf
        trigger={<IconButton label="More" icon={<Ellipsis />} variant="tertiary" size="md" tipAlign="end" />}
        load={menu}
        props={{ run }}
      />
      <Confirm
        open={stopping}
        onClose={() => setStopping(false)}
        title="Stop this run?"
        action="Stop"
        onConfirm={() => cancel.act({ id: run.id })}
      >
        It saves where it is, and can go on from there later.
      </Confirm>
    </>
  )
}

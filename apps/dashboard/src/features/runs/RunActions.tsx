"use client"

import {
  Code,
  Copy,
  Ellipsis,
  ImagePlus,
  Pencil,
  Play,
  RotateCw,
  Save,
  Share2,
  Sparkles,
  Square,
  Star,
  Trash2,
} from "lucide-react"
import dynamic from "next/dynamic"
import { useRouter } from "next/navigation"
import { useState } from "react"
import { copyQuery } from "../../graphql/copyQuery.ts"
import {
  CancelRunDocument,
  DeleteRunDocument,
  ResumeRunDocument,
  RetryRunDocument,
  RunPageDocument,
  SampleNowDocument,
  SaveNowDocument,
  UpdateRunDocument,
} from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { Button, IconButton, LinkButton } from "../../ui/Button.tsx"
import { Confirm } from "../../ui/Confirm.tsx"
import { Menu, type MenuEntry } from "../../ui/Menu.tsx"
import { toast } from "../../ui/toast.ts"
import { useSession } from "../shell/Session.tsx"
import type { RunPageRun } from "./useRunFollow.ts"

const ShareDialog = dynamic(() => import("../sharing/ShareDialog.tsx").then((module) => module.ShareDialog))
const EditRun = dynamic(() => import("./EditRun.tsx").then((module) => module.EditRun))

type Open = "cancel" | "delete" | "share" | "edit"

export function RunActions({ run }: { run: RunPageRun }) {
  const { readOnly } = useSession()
  const router = useRouter()
  const [open, setOpen] = useState<Open>()
  const close = () => setOpen(undefined)
  const cancel = useAct(CancelRunDocument)
  const resume = useAct(ResumeRunDocument, { refetch: ["ActiveRuns"] })
  const retry = useAct(RetryRunDocument, { refetch: ["ActiveRuns", "Runs"] })
  const save = useAct(SaveNowDocument)
  const sample = useAct(SampleNowDocument)
  const update = useAct(UpdateRunDocument)
  const remove = useAct(DeleteRunDocument, { refetch: ["Runs", "Home"] })
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
  const again = async () => {
    const next = await retry.act({ id: run.id })
    if (next !== undefined) router.push(`/runs/${next.id}`)
  }
  const during: MenuEntry[] =
    run.status === "RUNNING"
      ? [
          {
            label: "Save a checkpoint now",
            icon: <Save />,
            onSelect: async () => (await save.act({ id: run.id })) && toast("It saves at the next step."),
          },
          {
            label: "Draw samples now",
            icon: <ImagePlus />,
            onSelect: async () => (await sample.act({ id: run.id })) && toast("It draws after the next step."),
          },
          "separator",
        ]
      : []
  const afterwards: MenuEntry[] = active
    ? []
    : [
        { label: "Run again as it is", icon: <RotateCw />, onSelect: again },
        "separator",
        { label: "Delete", icon: <Trash2 />, onSelect: () => setOpen("delete"), danger: true },
      ]
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
          onClick={() => setOpen("cancel")}
        >
          <Square /> Stop
        </Button>
      ) : run.status !== "SUCCEEDED" ? (
        <Button variant="primary" reason={readOnly} busy={resume.busy} onClick={() => resume.act({ id: run.id })}>
          <Play /> Go on{latest === undefined ? "" : ` from step ${latest.step}`}
        </Button>
      ) : (
        draws !== undefined && (
          <LinkButton variant="primary" href={`/generate?${draws}`}>
            <Sparkles /> Generate
          </LinkButton>
        )
      )}
      <Menu
        trigger={<IconButton label="More" icon={<Ellipsis />} variant="tertiary" size="md" tipAlign="end" />}
        entries={[
          ...during,
          { label: "Name and notes", icon: <Pencil />, onSelect: () => setOpen("edit") },
          { label: "Copy and change", icon: <Copy />, href: `/runs/new?from=${run.id}` },
          { label: "Share", icon: <Share2 />, onSelect: () => setOpen("share") },
          { label: "Copy as query", icon: <Code />, onSelect: () => void copyQuery(RunPageDocument, { id: run.id }) },
          ...afterwards,
        ]}
      />
      <Confirm
        open={open === "cancel"}
        onClose={close}
        title="Stop this run?"
        action="Stop"
        onConfirm={() => cancel.act({ id: run.id })}
      >
        It saves where it is, and can go on from there later.
      </Confirm>
      <Confirm
        open={open === "delete"}
        onClose={close}
        title={`Delete ${run.name}?`}
        action="Delete"
        onConfirm={async () => (await remove.act({ id: run.id })) !== undefined && router.push("/runs")}
      >
        Its checkpoints, samples and log are gone then. Models made from it stay.
      </Confirm>
      {open === "share" && <ShareDialog kind="RUN" targetId={run.id} name={run.name} onClose={close} />}
      {open === "edit" && <EditRun run={run} onClose={close} />}
    </>
  )
}

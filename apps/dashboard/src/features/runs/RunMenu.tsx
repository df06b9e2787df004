"use client"

/** What is seldom done with a run, loaded when somebody comes near. */

import { Code, Copy, ImagePlus, Pencil, RotateCw, Save, Share2, Trash2 } from "lucide-react"
import dynamic from "next/dynamic"
import { useRouter } from "next/navigation"
import { useState } from "react"
import { copyQuery } from "../../graphql/copyQuery.ts"
import {
  DeleteRunDocument,
  RetryRunDocument,
  RunPageDocument,
  SampleNowDocument,
  SaveNowDocument,
} from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { Confirm } from "../../ui/Confirm.tsx"
import { type MenuEntry, MenuList, type MenuProps } from "../../ui/MenuList.tsx"
import { toast } from "../../ui/toast.ts"
import type { RunPageRun } from "./useRunFollow.ts"

const ShareDialog = dynamic(() => import("../sharing/ShareDialog.tsx").then((module) => module.ShareDialog))
const EditRun = dynamic(() => import("./EditRun.tsx").then((module) => module.EditRun))

type Open = "delete" | "share" | "edit"

export function RunMenu({ run, trigger }: { run: RunPageRun; trigger: MenuProps["trigger"] }) {
  const router = useRouter()
  const [open, setOpen] = useState<Open>()
  const close = () => setOpen(undefined)
  const retry = useAct(RetryRunDocument, { refetch: ["ActiveRuns", "Runs"] })
  const save = useAct(SaveNowDocument)
  const sample = useAct(SampleNowDocument)
  const remove = useAct(DeleteRunDocument, { refetch: ["Runs", "Home"] })
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
  const afterwards: MenuEntry[] =
    run.status === "QUEUED" || run.status === "RUNNING"
      ? []
      : [
          { label: "Run again as it is", icon: <RotateCw />, onSelect: again },
          "separator",
          { label: "Delete", icon: <Trash2 />, onSelect: () => setOpen("delete"), danger: true },
        ]
  return (
    <>
      <MenuList
        trigger={trigger}
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

"use client"

import { useQuery } from "@apollo/client/react"
import { CloudUpload, Code, Download, Ellipsis, FileOutput, Pencil, Share2, Sparkles, Trash2 } from "lucide-react"
import dynamic from "next/dynamic"
import { useRouter, useSearchParams } from "next/navigation"
import { useState } from "react"
import { copyQuery } from "../../graphql/copyQuery.ts"
import {
  DeleteModelDocument,
  ModelPageDocument,
  type ModelPageQuery,
  PushModelDocument,
} from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { Button, IconButton, LinkButton } from "../../ui/Button.tsx"
import { Confirm } from "../../ui/Confirm.tsx"
import { formatBytes, formatTime } from "../../ui/format.ts"
import { Link } from "../../ui/Link.tsx"
import { Menu } from "../../ui/Menu.tsx"
import { Page } from "../../ui/Page.tsx"
import { Skeleton } from "../../ui/Skeleton.tsx"
import { Tabs } from "../../ui/Tabs.tsx"
import { DrawnImages } from "../generate/DrawnImages.tsx"
import { ShareDialog } from "../sharing/ShareDialog.tsx"
import { Missing } from "../shell/Missing.tsx"
import { QueryState } from "../shell/QueryState.tsx"
import { useSession } from "../shell/Session.tsx"
import { CardVersions } from "./CardVersions.tsx"
import { ModelFiles } from "./ModelFiles.tsx"
import { kindNames } from "./modelKind.ts"
import { RenameModel } from "./RenameModel.tsx"

const CardEditor = dynamic(() => import("./CardEditor.tsx").then((module) => module.CardEditor), {
  ssr: false,
  loading: () => <Skeleton className="h-96" />,
})
const ExportModel = dynamic(() => import("./ExportModel.tsx").then((module) => module.ExportModel), { ssr: false })
const PushForm = dynamic(() => import("../hub/PushForm.tsx").then((module) => module.PushForm), { ssr: false })

export type ModelDetail = NonNullable<ModelPageQuery["model"]>

export function ModelPage({ id }: { id: string }) {
  const query = useQuery(ModelPageDocument, { variables: { id }, fetchPolicy: "cache-and-network" })
  return (
    <QueryState query={query} skeleton={<Skeleton className="m-8 h-96" />}>
      {({ model }) =>
        model === null ? <Missing what="model" href="/models" all="All models" /> : <Content model={model} />
      }
    </QueryState>
  )
}

function Content({ model }: { model: ModelDetail }) {
  const { readOnly } = useSession()
  const router = useRouter()
  const tab = useSearchParams().get("tab") ?? "card"
  const [open, setOpen] = useState<"push" | "share" | "rename" | "export" | "delete">()
  const push = useAct(PushModelDocument, { quiet: true })
  const remove = useAct(DeleteModelDocument, { refetch: ["Models"] })
  const pushTo = async (repo: string, isPrivate: boolean) => {
    const transfer = await push.act({ modelId: model.id, repo, private: isPrivate })
    if (transfer !== undefined) router.push(`/transfers/${transfer.id}`)
  }
  const problems = model.card?.problems.length ?? 0
  const unready = model.files.length === 0 ? "Its files are still being written." : undefined
  return (
    <Page
      title={model.name}
      hint={<Origin model={model} />}
      crumbs={[{ label: "Models", href: "/models" }, { label: model.name }]}
      actions={
        <>
          <LinkButton href={`/generate?model=${model.id}`}>
            <Sparkles /> Generate
          </LinkButton>
          <Button
            variant="primary"
            reason={readOnly ?? unready ?? (model.card === null ? "Write and save the model card first." : undefined)}
            onClick={() => setOpen("push")}
          >
            <CloudUpload /> Publish
          </Button>
          <Menu
            trigger={<IconButton label="More" icon={<Ellipsis />} variant="tertiary" size="md" tipAlign="end" />}
            entries={[
              { label: "Share the card", icon: <Share2 />, onSelect: () => setOpen("share") },
              { label: "Rename", icon: <Pencil />, onSelect: () => setOpen("rename") },
              {
                label: "Copy as query",
                icon: <Code />,
                onSelect: () => void copyQuery(ModelPageDocument, { id: model.id }),
              },
              { label: "Download as ZIP", icon: <Download />, href: model.downloadUrl, download: true },
              ...(readOnly === undefined && unready === undefined && model.kind !== "EMBEDDING"
                ? [{ label: "Export", icon: <FileOutput />, onSelect: () => setOpen("export") }]
                : []),
              "separator",
              { label: "Delete", icon: <Trash2 />, onSelect: () => setOpen("delete"), danger: true },
            ]}
          />
        </>
      }
    >
      <Tabs
        value={tab}
        onChange={(next) => router.replace(`/models/${model.id}?tab=${next}`, { scroll: false })}
        tabs={[
          {
            value: "card",
            label: problems > 0 ? `Card (${problems} to mend)` : "Card",
            content: <CardEditor key={model.card?.versions[0]?.id ?? "none"} model={model} />,
          },
          {
            value: "images",
            label: "Images",
            content: <DrawnImages by={{ modelId: model.id }} generateHref={`/generate?model=${model.id}`} />,
          },
          { value: "files", label: "Files", count: model.files.length, content: <ModelFiles model={model} /> },
          {
            value: "versions",
            label: "Versions",
            count: model.card?.versions.length ?? 0,
            content: <CardVersions modelId={model.id} versions={model.card?.versions ?? []} />,
          },
        ]}
      />
      {open === "push" && (
        <PushForm
          title={`Publish ${model.name}`}
          name={model.name}
          busy={push.busy}
          problem={push.refusal?.message}
          cardProblems={model.card?.problems ?? []}
          onPush={pushTo}
          onClose={() => setOpen(undefined)}
        />
      )}
      {open === "export" && <ExportModel model={model} onClose={() => setOpen(undefined)} />}
      {open === "rename" && <RenameModel model={model} onClose={() => setOpen(undefined)} />}
      {open === "share" && (
        <ShareDialog
          kind="MODEL_CARD"
          targetId={model.id}
          name={`the card of ${model.name}`}
          onClose={() => setOpen(undefined)}
        />
      )}
      <Confirm
        open={open === "delete"}
        onClose={() => setOpen(undefined)}
        title={`Delete ${model.name}?`}
        action="Delete"
        onConfirm={async () => (await remove.act({ id: model.id })) !== undefined && router.push("/models")}
      >
        Its files and card are gone then. The run and its checkpoints stay, and what was published stays on the Hub.
      </Confirm>
    </Page>
  )
}

function Origin({ model }: { model: ModelDetail }) {
  const link = (href: string, label: string) => (
    <Link
      href={href}
      className="underline decoration-border underline-offset-2 hover:text-foreground hover:decoration-current"
    >
      {label}
    </Link>
  )
  const version = model.run?.datasetVersion
  return (
    <span className="facts">
      <span>
        {kindNames[model.kind]}, {formatBytes(model.byteSize)}
      </span>
      {model.run !== null && (
        <span>
          from {link(`/runs/${model.run.id}`, model.run.name)}
          {model.step !== null && <>, {link(`/runs/${model.run.id}?tab=checkpoints`, `step ${model.step}`)}</>}
        </span>
      )}
      {version && (
        <span>
          pictures {link(`/datasets/${version.dataset.id}`, `${version.dataset.name}, version ${version.number}`)}
        </span>
      )}
      {model.baseModel !== null && <span>on {link(`/base-models/${model.baseModel.id}`, model.baseModel.name)}</span>}
      {model.hubId !== null && <span>published as {link(`https://huggingface.co/${model.hubId}`, model.hubId)}</span>}
      <span>{formatTime(model.createdAt)}</span>
    </span>
  )
}

"use client"

import { useQuery } from "@apollo/client/react"
import { CloudUpload, Code, Download, Ellipsis, FolderUp, Grid3x3, ImagePlus, Pencil, Play, Trash2 } from "lucide-react"
import dynamic from "next/dynamic"
import { useRouter } from "next/navigation"
import { useEffect, useEffectEvent, useRef, useState } from "react"
import { copyQuery } from "../../graphql/copyQuery.ts"
import { DatasetDocument, type DatasetQuery, DeleteDatasetDocument } from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { Button, IconButton, LinkButton } from "../../ui/Button.tsx"
import { Confirm } from "../../ui/Confirm.tsx"
import { EmptyState } from "../../ui/EmptyState.tsx"
import { count, formatBytes } from "../../ui/format.ts"
import { Menu } from "../../ui/Menu.tsx"
import { Page } from "../../ui/Page.tsx"
import { Skeleton } from "../../ui/Skeleton.tsx"
import { Missing } from "../shell/Missing.tsx"
import { QueryState } from "../shell/QueryState.tsx"
import { useSession } from "../shell/Session.tsx"
import { DatasetLineage } from "./DatasetLineage.tsx"
import { DropAnywhere } from "./DropAnywhere.tsx"
import { takeHandedOver } from "./handOver.ts"
import { ImageGrid } from "./ImageGrid.tsx"
import { RenameDataset } from "./RenameDataset.tsx"
import { UploadTray } from "./UploadTray.tsx"
import { useUploads } from "./useUploads.ts"

const ContactSheet = dynamic(() => import("./ContactSheet.tsx").then((module) => module.ContactSheet), { ssr: false })
const PushDataset = dynamic(() => import("../hub/PushDataset.tsx").then((module) => module.PushDataset), { ssr: false })

export function DatasetPage({ id }: { id: string }) {
  const query = useQuery(DatasetDocument, { variables: { id } })
  const { fetchMore } = query
  const page = query.data?.dataset?.images.pageInfo
  const after = page?.hasNextPage ? page.endCursor : undefined
  // Large sets come in pages; each one asks for the next.
  useEffect(() => {
    if (after) void fetchMore({ variables: { after } })
  }, [after, fetchMore])
  // Of a set that was empty the end is no place to go on from.
  const end = query.data?.dataset?.images.pageInfo.endCursor || undefined
  // New pictures stand at the end: what is there stays where it is. Captions reach pictures anywhere.
  const arrived = (captions: boolean): Promise<unknown> =>
    captions || end === undefined ? query.refetch() : fetchMore({ variables: { after: end } })
  return (
    <QueryState query={query} skeleton={<Skeleton className="m-8 h-96" />}>
      {({ dataset }) =>
        dataset === null ? (
          <Missing what="data set" href="/datasets" all="All data sets" />
        ) : (
          <Content dataset={dataset} onArrived={arrived} />
        )
      }
    </QueryState>
  )
}

export type DatasetDetail = NonNullable<DatasetQuery["dataset"]>
type Open = "rename" | "delete" | "sheet" | "push"

type ContentProps = { dataset: DatasetDetail; onArrived: (captions: boolean) => Promise<unknown> }

function Content({ dataset, onArrived }: ContentProps) {
  const router = useRouter()
  const { readOnly } = useSession()
  const [open, setOpen] = useState<Open>()
  const close = () => setOpen(undefined)
  const uploads = useUploads(dataset.id, onArrived)
  const brought = useEffectEvent(() => {
    const waiting = takeHandedOver(dataset.id)
    if (waiting.length > 0) void uploads.send(waiting)
  })
  useEffect(() => brought(), [])
  const remove = useAct(DeleteDatasetDocument, { refetch: ["Datasets"] })
  const files = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)
  const images = dataset.images.edges.map(({ node }) => node)
  const add = (chosen: FileList | null) => chosen !== null && void uploads.send([...chosen])
  const deleteNow = async () => {
    if ((await remove.act({ id: dataset.id })) !== undefined) router.push("/datasets")
  }

  return (
    <Page
      title={dataset.name}
      hint={`${count(dataset.imageCount, "picture")} · ${formatBytes(dataset.byteSize)}${dataset.hubId ? ` · ${dataset.hubId} on the Hub` : ""}`}
      crumbs={[{ label: "Data sets", href: "/datasets" }, { label: dataset.name }]}
      actions={
        <>
          <Button reason={readOnly} onClick={() => files.current?.click()}>
            <ImagePlus /> Add pictures
          </Button>
          {images.length > 0 && readOnly === undefined && (
            <LinkButton variant="primary" href={`/runs/new?dataset=${dataset.id}`}>
              <Play /> Train on these
            </LinkButton>
          )}
          <Menu
            trigger={<IconButton label="More" icon={<Ellipsis />} variant="tertiary" size="md" tipAlign="end" />}
            entries={[
              { label: "Rename", icon: <Pencil />, onSelect: () => setOpen("rename") },
              { label: "Add a folder", icon: <FolderUp />, onSelect: () => folder.current?.click() },
              { label: "Contact sheet", icon: <Grid3x3 />, onSelect: () => setOpen("sheet") },
              { label: "Download as ZIP", icon: <Download />, href: `/datasets/${dataset.id}.zip`, download: true },
              { label: "Push to the Hub", icon: <CloudUpload />, onSelect: () => setOpen("push") },
              {
                label: "Copy as query",
                icon: <Code />,
                onSelect: () => void copyQuery(DatasetDocument, { id: dataset.id }),
              },
              "separator",
              { label: "Delete", icon: <Trash2 />, onSelect: () => setOpen("delete"), danger: true },
            ]}
          />
          <input
            ref={files}
            type="file"
            aria-label="Pictures to add"
            multiple
            accept="image/*,.zip,.txt,.csv,.jsonl"
            hidden
            onChange={(event) => add(event.target.files)}
          />
          <input
            ref={folder}
            type="file"
            aria-label="Folder to add"
            hidden
            onChange={(event) => add(event.target.files)}
            {...{ webkitdirectory: "" }}
          />
        </>
      }
    >
      {readOnly === undefined && (
        <DropAnywhere onFiles={(chosen) => void uploads.send(chosen)} hint={`Drop to add to ${dataset.name}`} />
      )}
      <UploadTray items={uploads.items} onClear={uploads.clear} onRetry={uploads.retry} />
      {images.length === 0 ? (
        <EmptyState
          icon={<ImagePlus />}
          title="Drop your pictures anywhere on this page"
          className="rounded-2xl border-2 border-border border-dashed bg-surface py-16"
          actions={
            <>
              <Button variant="primary" reason={readOnly} onClick={() => files.current?.click()}>
                Choose pictures
              </Button>
              <Button reason={readOnly} onClick={() => folder.current?.click()}>
                Choose a folder
              </Button>
            </>
          }
        >
          Or paste them, or drop a ZIP or a folder. Captions come along from .txt files beside the pictures. Three to
          ten sharp pictures of one subject are enough.
        </EmptyState>
      ) : (
        <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_18rem]">
          <ImageGrid dataset={dataset} images={images} />
          <DatasetLineage dataset={dataset} />
        </div>
      )}
      <RenameDataset key={dataset.name} dataset={dataset} open={open === "rename"} onClose={close} />
      <Confirm
        open={open === "delete"}
        onClose={close}
        title={`Delete ${dataset.name}?`}
        action={`Delete ${count(dataset.imageCount, "picture")}`}
        onConfirm={deleteNow}
      >
        Its pictures and captions are gone then. Models that were trained on it stay, and runs keep what they learned.
      </Confirm>
      {open === "sheet" && <ContactSheet name={dataset.name} images={images} onClose={close} />}
      {open === "push" && <PushDataset dataset={dataset} onClose={close} />}
    </Page>
  )
}

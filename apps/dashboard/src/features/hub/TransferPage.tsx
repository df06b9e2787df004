"use client"

import { useApolloClient, useQuery } from "@apollo/client/react"
import { Download, RotateCw } from "lucide-react"
import { useState } from "react"
import {
  CancelRunDocument,
  ResumeRunDocument,
  TransferDocument,
  type TransferKind,
} from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { Button, LinkButton } from "../../ui/Button.tsx"
import { formatBytes } from "../../ui/format.ts"
import { Notice } from "../../ui/Notice.tsx"
import { Page } from "../../ui/Page.tsx"
import { Panel } from "../../ui/Panel.tsx"
import { ProgressBar } from "../../ui/ProgressBar.tsx"
import { Skeleton } from "../../ui/Skeleton.tsx"
import type { LogEntry } from "../runs/liveRun.ts"
import { RunLog } from "../runs/RunLog.tsx"
import { StatusBadge } from "../runs/StatusBadge.tsx"
import { useRunEvents } from "../runs/useRunEvents.ts"
import { Missing } from "../shell/Missing.tsx"
import { QueryState } from "../shell/QueryState.tsx"
import { useSession } from "../shell/Session.tsx"

const results = {
  pushModel: { href: "/models/", word: "To the model" },
  pushDataset: { href: "/datasets/", word: "To the data set" },
  pullDataset: { href: "/datasets/", word: "To the data set" },
  pullModel: { href: "/models/", word: "To the model" },
  importModel: { href: "/settings#base-models", word: "To the base models" },
  promoteCheckpoint: { href: "/models/", word: "To the model" },
  importFile: { href: "/models/", word: "To the model" },
  exportModel: { href: "/models", word: "To the models" },
  mergeLoras: { href: "/models/", word: "To the model" },
  newModel: { href: "/models/", word: "To the model" },
  makeGrid: { href: "/generate", word: "To the images" },
} as const satisfies Record<TransferKind, { href: string; word: string }>

/** What these make is there only when they have succeeded. */
const makesItsTarget: ReadonlySet<TransferKind> = new Set([
  "importFile",
  "mergeLoras",
  "newModel",
  "pullDataset",
  "pullModel",
])

/** Files on their way to or from the Hub, or into another form, live. */
export function TransferPage({ id }: { id: string }) {
  const client = useApolloClient()
  const { readOnly } = useSession()
  const query = useQuery(TransferDocument, { variables: { id } })
  const [log, setLog] = useState<readonly LogEntry[]>([])
  const cancel = useAct(CancelRunDocument)
  const resume = useAct(ResumeRunDocument, { refetch: ["ActiveRuns", "Transfer"] })
  useRunEvents(id, 0, (events) => {
    setLog((now) =>
      [...now, ...events.filter((event) => event.type === "Message" || event.type === "StatusChanged")].slice(-2_000),
    )
    if (events.some((event) => event.type === "StatusChanged"))
      void client.refetchQueries({ include: "active", onQueryUpdated: (one) => one.queryName === "Transfer" })
  })
  return (
    <QueryState query={query} skeleton={<Skeleton className="m-8 h-96" />}>
      {({ transfer }) => {
        if (transfer === null) return <Missing what="transfer" href="/transfers" all="All transfers" />
        const active = transfer.status === "QUEUED" || transfer.status === "RUNNING"
        const { href, word } = results[transfer.transferKind]
        const url = href.endsWith("/") ? `${href}${transfer.targetId ?? ""}` : href
        const succeeded = transfer.status === "SUCCEEDED"
        const made = succeeded || !makesItsTarget.has(transfer.transferKind)
        const [file] = transfer.files
        const hubUrl =
          transfer.repo === null
            ? undefined
            : `https://huggingface.co/${transfer.transferKind.endsWith("Dataset") ? "datasets/" : ""}${transfer.repo}`
        return (
          <Page
            title={transfer.name}
            hint={transfer.repo ?? undefined}
            crumbs={[{ label: "Transfers", href: "/transfers" }, { label: transfer.name }]}
            actions={
              <>
                <StatusBadge status={transfer.status} stale={transfer.status === "RUNNING" && !transfer.alive} />
                {active ? (
                  <Button variant="danger-soft" reason={readOnly} busy={cancel.busy} onClick={() => cancel.act({ id })}>
                    Stop
                  </Button>
                ) : (
                  <>
                    {made && (
                      <LinkButton variant={succeeded && file === undefined ? "primary" : "tertiary"} href={url}>
                        {word}
                      </LinkButton>
                    )}
                    {file !== undefined && (
                      <a
                        href={transfer.files.length === 1 ? file.url : transfer.downloadUrl}
                        className="button button--primary"
                      >
                        <Download /> {transfer.files.length === 1 ? "Download" : "Download all as ZIP"}
                      </a>
                    )}
                    {!succeeded && (
                      <Button variant="primary" reason={readOnly} busy={resume.busy} onClick={() => resume.act({ id })}>
                        <RotateCw /> Try again
                      </Button>
                    )}
                  </>
                )}
              </>
            }
          >
            {transfer.failure !== null && (
              <Notice tone="danger" title={transfer.failure.message}>
                <p>{transfer.failure.cause}</p>
                <p className="font-medium">{transfer.failure.advice}</p>
              </Notice>
            )}
            {succeeded && hubUrl !== undefined && (
              <Notice tone="success" title="Done">
                <a href={hubUrl} className="underline" target="_blank" rel="noreferrer">
                  See it on the Hub
                </a>
              </Notice>
            )}
            {active && (
              <Panel>
                <ProgressBar
                  label="Progress"
                  value={transfer.totalSteps ? transfer.step / transfer.totalSteps : undefined}
                />
                <p className="mt-3 text-muted text-sm">You may leave this page; it goes on without you.</p>
              </Panel>
            )}
            {transfer.files.length > 0 && (
              <Panel title="To download" flush>
                <ul>
                  {transfer.files.map(({ path, byteSize, url: at }) => (
                    <li key={path} className="flex items-center gap-4 border-separator border-t px-5 py-2.5 text-sm">
                      <a href={at} className="min-w-0 flex-1 truncate font-mono text-xs underline underline-offset-2">
                        {path}
                      </a>
                      <span className="text-muted tabular-nums">{formatBytes(byteSize)}</span>
                    </li>
                  ))}
                </ul>
              </Panel>
            )}
            <RunLog log={log} />
          </Page>
        )
      }}
    </QueryState>
  )
}

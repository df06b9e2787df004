"use client"

/** Backups of all teams, for the owners of the studio: prepared here, made while they are downloaded. */

import { useQuery, useSubscription } from "@apollo/client/react"
import { Archive, Download } from "lucide-react"
import {
  type BackupFieldsFragment,
  type BackupState,
  BackupsChangedDocument,
  BackupsDocument,
  CreateBackupDocument,
} from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { Button } from "../../ui/Button.tsx"
import { count, formatBytes, formatTime } from "../../ui/format.ts"
import { Panel } from "../../ui/Panel.tsx"
import { QueryState } from "../shell/QueryState.tsx"

const states: Record<BackupState, string> = {
  WAITING: "not downloaded yet",
  RUNNING: "being downloaded",
  DONE: "whole",
  FAILED: "broke off",
}

export function Backups() {
  const query = useQuery(BackupsDocument, { fetchPolicy: "cache-and-network" })
  const create = useAct(CreateBackupDocument, { refetch: ["Backups"] })
  const { refetch } = query
  // How far those in the list are is merged into the cache by their ids; a new one is asked for.
  useSubscription(BackupsChangedDocument, {
    ignoreResults: true,
    onData: ({ data: { data } }) => {
      const newest = data?.backupsChanged[0]?.id
      if (newest !== undefined && newest !== query.data?.backups.edges[0]?.node.id) void refetch()
    },
  })
  const make = async () => {
    const backup = await create.act({})
    if (backup?.downloadUrl) location.assign(backup.downloadUrl)
  }
  return (
    <Panel
      title="Backups"
      hint={
        <>
          Rows and files of all teams as a ZIP; <code>npm run restore</code> puts one into an empty studio.
        </>
      }
      actions={
        <Button size="sm" busy={create.busy} onClick={make}>
          <Archive /> Make one
        </Button>
      }
      flush
    >
      <QueryState query={query}>
        {({ backups }) =>
          backups.edges.length === 0 ? (
            <p className="px-4 pb-5 text-muted text-sm sm:px-5">
              None yet. The studio’s secret is no part of one; keep <code>FJORD_SECRET</code>, or the file{" "}
              <code>secret</code> of its data folder, apart.
            </p>
          ) : (
            <ul>
              {backups.edges.map(({ node }) => (
                <Row key={node.id} backup={node} />
              ))}
            </ul>
          )
        }
      </QueryState>
    </Panel>
  )
}

function Row({ backup }: { backup: BackupFieldsFragment }) {
  const { state, rows, files, bytes, problem, downloadUrl } = backup
  return (
    <li className="flex items-center gap-3 border-separator border-t px-4 py-3 text-sm sm:px-5">
      <div className="min-w-0 flex-1">
        <p className="font-medium">{formatTime(backup.createdAt)}</p>
        <p className="text-muted">
          {[
            states[state],
            rows > 0 && count(rows, "row"),
            files > 0 && count(files, "file"),
            bytes > 0 && formatBytes(bytes),
            backup.folder ?? backup.createdBy?.name,
          ]
            .filter(Boolean)
            .join(" · ")}
        </p>
        {problem !== null && <p className="text-danger-soft-foreground">{problem}</p>}
      </div>
      {downloadUrl !== null && state !== "RUNNING" && (
        <span
          className="tip inline-flex"
          data-tip={state === "WAITING" ? "Download it" : "Make and download it anew"}
          data-align="end"
        >
          <a
            href={downloadUrl}
            download
            aria-label={`Download the backup of ${formatTime(backup.createdAt)}`}
            className="button button--ghost button--sm button--icon-only"
          >
            <Download />
          </a>
        </span>
      )}
    </li>
  )
}

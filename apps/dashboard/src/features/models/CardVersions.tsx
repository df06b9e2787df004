"use client"

import { History } from "lucide-react"
import { useState } from "react"
import { classes } from "../../ui/classes.ts"
import { EmptyState } from "../../ui/EmptyState.tsx"
import { formatTime } from "../../ui/format.ts"
import { Panel } from "../../ui/Panel.tsx"
import { lineDiff } from "./lineDiff.ts"
import type { ModelDetail } from "./ModelPage.tsx"

type Version = NonNullable<ModelDetail["card"]>["versions"][number]

const marks = { same: " ", added: "+", removed: "−" } as const

export function CardVersions({ versions }: { versions: readonly Version[] }) {
  const [chosen, setChosen] = useState(versions[0]?.id)
  if (versions.length === 0)
    return (
      <EmptyState icon={<History />} title="No version yet">
        Every time the card is saved, a version is kept.
      </EmptyState>
    )
  const at = Math.max(
    0,
    versions.findIndex((version) => version.id === chosen),
  )
  const after = versions[at]
  const before = versions[at + 1]
  return (
    <div className="grid items-start gap-5 lg:grid-cols-[16rem_minmax(0,1fr)]">
      <ul className="overflow-hidden rounded-2xl border border-border bg-surface">
        {versions.map((version, index) => (
          <li key={version.id} className="border-separator border-t first:border-t-0">
            <button
              type="button"
              aria-pressed={index === at}
              onClick={() => setChosen(version.id)}
              className={classes(
                "w-full px-4 py-3 text-left text-sm",
                index === at ? "bg-accent-soft text-accent-soft-foreground" : "hover:bg-surface-secondary",
              )}
            >
              <span className="block font-medium">Version {version.number}</span>
              <span className="block text-xs">
                {formatTime(version.createdAt)}
                {version.createdBy !== null && `, ${version.createdBy.name}`}
                {version.hubRevision !== null && ", published"}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {after !== undefined && (
        <Panel
          title={
            before === undefined ? "The first version" : `What changed from version ${before.number} to ${after.number}`
          }
        >
          <pre className="overflow-x-auto text-xs leading-5">
            {lineDiff(before?.markdown ?? "", after.markdown).map((line, index) => (
              <span
                // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place.
                key={index}
                className={classes(
                  "block whitespace-pre-wrap px-2",
                  line.kind === "added" && "bg-success-soft text-success-soft-foreground",
                  line.kind === "removed" && "bg-danger-soft text-danger-soft-foreground",
                )}
              >
                {marks[line.kind]} {line.text}
              </span>
            ))}
          </pre>
        </Panel>
      )}
    </div>
  )
}

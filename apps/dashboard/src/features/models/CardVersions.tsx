"use client"

/** Every version of the card, and what changed between any two of them. */

import { History, Undo2 } from "lucide-react"
import { useState } from "react"
import { SaveModelCardDocument } from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { Button } from "../../ui/Button.tsx"
import { classes } from "../../ui/classes.ts"
import { EmptyState } from "../../ui/EmptyState.tsx"
import { SelectField } from "../../ui/Field.tsx"
import { formatTime } from "../../ui/format.ts"
import { Panel } from "../../ui/Panel.tsx"
import { toast } from "../../ui/toast.ts"
import { useSession } from "../shell/Session.tsx"
import { lineDiff } from "./lineDiff.ts"
import type { ModelDetail } from "./ModelPage.tsx"

type Version = NonNullable<ModelDetail["card"]>["versions"][number]

const marks = { same: " ", added: "+", removed: "−" } as const

export function CardVersions({ modelId, versions }: { modelId: string; versions: readonly Version[] }) {
  const { readOnly } = useSession()
  const [chosen, setChosen] = useState<string>()
  const [against, setAgainst] = useState<string>()
  const save = useAct(SaveModelCardDocument, { refetch: ["ModelPage"] })
  const [newest] = versions
  if (newest === undefined)
    return (
      <EmptyState icon={<History />} title="No version yet">
        Every time the card is saved, a version is kept.
      </EmptyState>
    )
  const after = versions.find((version) => version.id === chosen) ?? newest
  const before =
    versions.find((version) => version.id === against && version.id !== after.id) ??
    versions.find((version) => version.number === after.number - 1)
  const restore = async () => {
    const made = await save.act({ modelId, markdown: after.markdown })
    if (made === undefined) return
    setChosen(undefined)
    toast.success(`Version ${after.number} is back, as version ${made.number}.`)
  }
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-5 lg:grid-cols-[16rem_minmax(0,1fr)]">
      <ul className="overflow-hidden rounded-2xl border border-border bg-surface">
        {versions.map((version) => (
          <li key={version.id} className="border-separator border-t first:border-t-0">
            <button
              type="button"
              aria-pressed={version.id === after.id}
              onClick={() => setChosen(version.id)}
              className={classes(
                "w-full px-4 py-3 text-left text-sm outline-offset-[-3px]",
                version.id === after.id ? "bg-accent-soft text-accent-soft-foreground" : "hover:bg-surface-secondary",
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
      <Panel
        title={
          before === undefined ? "The first version" : `What changed from version ${before.number} to ${after.number}`
        }
        actions={
          <>
            {versions.length > 2 && before !== undefined && (
              <SelectField
                label="Compare with"
                hideLabel
                value={before.id}
                choices={versions
                  .filter((version) => version.id !== after.id)
                  .map(({ id, number }) => ({ value: id, label: `against version ${number}` }))}
                onChange={(event) => setAgainst(event.target.value)}
              />
            )}
            {after.id !== newest.id && (
              <Button size="sm" reason={readOnly} busy={save.busy} onClick={restore}>
                <Undo2 /> Bring it back
              </Button>
            )}
          </>
        }
      >
        <pre className="text-xs leading-5">
          {lineDiff(before?.markdown ?? "", after.markdown).map((line, index) => (
            <span
              // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place.
              key={index}
              className={classes(
                "block whitespace-pre-wrap break-words px-2",
                line.kind === "added" && "bg-success-soft text-success-soft-foreground",
                line.kind === "removed" && "bg-danger-soft text-danger-soft-foreground",
              )}
            >
              {marks[line.kind]} {line.text}
            </span>
          ))}
        </pre>
      </Panel>
    </div>
  )
}

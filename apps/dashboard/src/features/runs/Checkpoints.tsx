"use client"

import { BadgeCheck, Box, Download, Sparkles } from "lucide-react"
import { useRouter } from "next/navigation"
import { PromoteCheckpointDocument } from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { Button, LinkButton } from "../../ui/Button.tsx"
import { EmptyState } from "../../ui/EmptyState.tsx"
import { formatBytes, formatTime } from "../../ui/format.ts"
import { Link } from "../../ui/Link.tsx"
import { useSession } from "../shell/Session.tsx"
import { nearest } from "./Glance.tsx"
import type { RunPageRun } from "./useRunFollow.ts"

export function Checkpoints({ run }: { run: RunPageRun }) {
  const { readOnly } = useSession()
  const router = useRouter()
  const promote = useAct(PromoteCheckpointDocument, { refetch: ["RunPage", "Models"] })
  if (run.checkpoints.length === 0)
    return (
      <EmptyState
        icon={<Box />}
        title="No checkpoint yet"
        className="rounded-2xl border border-border border-dashed bg-surface"
      >
        A checkpoint is saved every so many steps and at the end. “Save now” in the menu above makes one at once.
      </EmptyState>
    )
  const best = run.best === null ? undefined : nearest(run.checkpoints, run.best.step)
  return (
    <ul className="overflow-hidden rounded-2xl border border-border bg-surface shadow-surface">
      {run.checkpoints.toReversed().map((checkpoint) => (
        <li
          key={checkpoint.id}
          className="flex flex-wrap items-center gap-x-4 gap-y-2 border-separator border-t px-5 py-3 first:border-t-0"
        >
          <div className="min-w-0 flex-1 basis-48">
            <p className="flex items-center gap-2 font-medium tabular-nums">
              Step {checkpoint.step}
              {checkpoint.id === best?.id && (
                <span className="rounded-full bg-best-soft px-2 py-0.5 text-warning-soft-foreground text-xs">
                  best loss
                </span>
              )}
            </p>
            <p className="text-muted text-sm">
              {formatTime(checkpoint.createdAt)} · {formatBytes(checkpoint.byteSize)}
            </p>
          </div>
          <LinkButton href={`/generate?run=${run.id}&checkpoint=${checkpoint.id}`} size="sm">
            <Sparkles /> Generate
          </LinkButton>
          {checkpoint.model === null ? (
            <Button
              size="sm"
              variant="secondary"
              reason={readOnly}
              busy={promote.busy}
              onClick={async () => {
                const model = await promote.act({
                  checkpointId: checkpoint.id,
                  // A run's name may already be as long as a name may be.
                  name: `${run.name.slice(0, 80)}, step ${checkpoint.step}`,
                })
                if (model !== undefined) router.push(`/models/${model.id}`)
              }}
            >
              <BadgeCheck /> Make it a model
            </Button>
          ) : (
            <Link
              href={`/models/${checkpoint.model.id}`}
              className="flex items-center gap-1.5 font-medium text-accent-soft-foreground text-sm underline"
            >
              <BadgeCheck aria-hidden="true" className="size-4" />
              {checkpoint.model.name}
            </Link>
          )}
          <a
            href={checkpoint.downloadUrl}
            download
            className="button button--ghost button--sm"
            aria-label={`Download step ${checkpoint.step}`}
          >
            <Download />
          </a>
        </li>
      ))}
    </ul>
  )
}

"use client"

/** How the files fare that are being added: each with its progress, or why it was refused. */

import { CircleDashed, CircleX, RotateCw, X } from "lucide-react"
import { Button, IconButton } from "../../ui/Button.tsx"
import { count, formatBytes } from "../../ui/format.ts"
import { ProgressBar } from "../../ui/ProgressBar.tsx"
import type { UploadItem } from "./uploadQueue.ts"

type UploadTrayProps = {
  items: readonly UploadItem[]
  onClear: () => void
  /** Sends again what the connection lost. */
  onRetry: (() => void) | undefined
}

/** More than these at once would be read by nobody; the others are counted. */
const mostShown = 50

export function UploadTray({ items, onClear, onRetry }: UploadTrayProps) {
  if (items.length === 0) return null
  const stored = items.filter((item) => item.state === "stored").length
  const refused = items.filter((item) => item.state === "refused")
  const busy = items.length - stored - refused.length
  const shown = [
    ...refused,
    ...items.filter((item) => item.state === "sending"),
    ...items.filter((item) => item.state === "waiting"),
  ]
  return (
    <section aria-label="Uploads" className="rounded-2xl border border-border bg-surface p-4">
      <div className="flex items-center gap-3">
        <p role="status" className="flex-1 font-medium text-sm">
          {busy > 0 ? `Adding ${count(items.length, "file")}: ${stored} done` : `${count(stored, "file")} added`}
          {refused.length > 0 && <span className="text-danger-soft-foreground">, {refused.length} refused</span>}
        </p>
        {busy === 0 && onRetry !== undefined && (
          <Button size="sm" onClick={onRetry}>
            <RotateCw /> Send again
          </Button>
        )}
        {busy === 0 && <IconButton label="Close" icon={<X />} onClick={onClear} />}
      </div>
      <ProgressBar
        label="All files"
        className="mt-2"
        tone={busy === 0 ? "success" : "accent"}
        value={items.reduce((sum, item) => sum + (item.state === "refused" ? 1 : item.progress), 0) / items.length}
      />
      <ul className="mt-3 flex max-h-56 flex-col gap-2 overflow-y-auto empty:hidden">
        {shown.slice(0, mostShown).map((item) => (
          <li key={item.key} className="flex items-center gap-3 text-sm">
            {item.state === "refused" ? (
              <CircleX aria-hidden="true" className="size-4 shrink-0 text-danger-soft-foreground" />
            ) : (
              <CircleDashed aria-hidden="true" className="size-4 shrink-0 text-muted" />
            )}
            <span className="min-w-0 max-w-[40%] truncate">{item.name}</span>
            {item.state === "refused" ? (
              <span className="min-w-0 flex-1 text-danger-soft-foreground">{item.problem}</span>
            ) : (
              <>
                <ProgressBar label={item.name} value={item.progress} className="flex-1" />
                <span className="w-16 text-right text-muted text-xs tabular-nums">{formatBytes(item.byteSize)}</span>
              </>
            )}
          </li>
        ))}
        {shown.length > mostShown && <li className="text-muted text-xs">and {shown.length - mostShown} more</li>}
      </ul>
    </section>
  )
}

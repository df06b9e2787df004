"use client"

/** What the run has said, the newest at the end; stays at the end while nobody has scrolled away. */

import { useEffect, useRef } from "react"
import { classes } from "../../ui/classes.ts"
import { EmptyState } from "../../ui/EmptyState.tsx"
import type { LogEntry } from "./liveRun.ts"
import { logLine } from "./logLine.ts"

export function RunLog({ log }: { log: readonly LogEntry[] }) {
  const box = useRef<HTMLDivElement>(null)
  const atEnd = useRef(true)
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls whenever lines have come.
  useEffect(() => {
    if (atEnd.current) box.current?.scrollTo({ top: box.current.scrollHeight })
  }, [log])
  if (log.length === 0)
    return (
      <EmptyState title="Nothing was said yet" className="rounded-2xl border border-border border-dashed bg-surface" />
    )
  return (
    <div
      ref={box}
      role="log"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: without the focus the arrow keys could not scroll it.
      tabIndex={0}
      aria-label="Log of the run"
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        atEnd.current = scrollTop + clientHeight > scrollHeight - 40
      }}
      className="max-h-[60dvh] overflow-auto rounded-2xl border border-border bg-surface p-4 font-mono text-xs leading-6 shadow-surface"
    >
      {log.map((entry) => {
        const { text, tone } = logLine(entry.type, entry.data)
        return (
          <p key={entry.seq} className="flex gap-3">
            <time dateTime={entry.createdAt} className="shrink-0 text-muted tabular-nums">
              {new Date(entry.createdAt).toLocaleTimeString("en-GB")}
            </time>
            <span
              className={classes(
                "wrap-anywhere min-w-0 whitespace-pre-wrap",
                tone === "warning" && "text-warning-soft-foreground",
                tone === "danger" && "text-danger-soft-foreground",
              )}
            >
              {text}
            </span>
          </p>
        )
      })}
    </div>
  )
}

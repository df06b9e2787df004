"use client"

import { Cpu } from "lucide-react"
import { z } from "zod/mini"
import type { WorkerFieldsFragment } from "../../graphql/generated/graphql.ts"
import { classes } from "../../ui/classes.ts"
import { EmptyState } from "../../ui/EmptyState.tsx"
import { formatAgo, formatBytes } from "../../ui/format.ts"
import { Link } from "../../ui/Link.tsx"
import { Panel } from "../../ui/Panel.tsx"
import { runHref } from "../runs/runHref.ts"
import { useLiveWorkers } from "../workers/useLiveWorkers.ts"

/** What a worker says of its machine. */
const device = z.object({ processor: z.optional(z.string()), cores: z.optional(z.number()) })

function deviceLine({ host, provider, threads, memoryBytes, device: said }: WorkerFieldsFragment): string {
  const { processor, cores } = device.safeParse(said).data ?? {}
  return [
    host,
    processor && processor !== "unknown" ? processor.replace(/\s+/g, " ") : provider.toUpperCase(),
    `${threads}${cores === undefined ? "" : ` of ${cores}`} ${cores === 1 ? "core" : "cores"}`,
    formatBytes(memoryBytes),
  ].join(" · ")
}

/** Those to tell of: one that is gone is no news where its successor has taken its place. */
const worthTelling = (workers: readonly WorkerFieldsFragment[]) =>
  workers.filter(
    ({ alive, name, host }) => alive || !workers.some((one) => one.alive && one.name === name && one.host === host),
  )

export function Workers({ workers: all }: { workers: readonly WorkerFieldsFragment[] }) {
  useLiveWorkers()
  const workers = worthTelling(all)
  return (
    <Panel title="Workers" hint="The processes that train and draw; on this machine or on others." flush>
      {workers.length === 0 ? (
        <EmptyState icon={<Cpu />} title="No worker is running">
          <code>npm start</code> starts one together with the studio.
        </EmptyState>
      ) : (
        <ul>
          {workers.map((worker) => (
            <li key={worker.id} className="flex items-start gap-3 border-separator border-t px-4 py-3 sm:px-5">
              <span
                className={classes(
                  "mt-1.5 size-2.5 shrink-0 rounded-full",
                  worker.alive ? "bg-success" : "bg-muted/50",
                )}
              />
              <div className="min-w-0 flex-1">
                <p className="font-medium">{worker.name}</p>
                <p className="text-muted text-sm">{deviceLine(worker)}</p>
                <p className="text-muted text-sm">
                  {!worker.alive ? (
                    `Gone ${formatAgo(worker.heartbeatAt, Date.now())}`
                  ) : worker.currentRun === null ? (
                    "Free"
                  ) : (
                    <Link href={runHref(worker.currentRun)} className="underline decoration-border underline-offset-2">
                      {worker.currentRun.name}
                    </Link>
                  )}
                </p>
              </div>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}

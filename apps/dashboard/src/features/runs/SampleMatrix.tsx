"use client"

/** Step × prompt: what the model drew, under the row of the base model; two pinned ones are compared by a slider. */

import { Images, Pin, X } from "lucide-react"
import { useMemo, useState } from "react"
import { useShortcut } from "../../shortcuts/useShortcut.ts"
import { IconButton } from "../../ui/Button.tsx"
import { CompareSlider } from "../../ui/CompareSlider.tsx"
import { classes } from "../../ui/classes.ts"
import { EmptyState } from "../../ui/EmptyState.tsx"
import { Panel } from "../../ui/Panel.tsx"
import { ScrollArea } from "../../ui/ScrollArea.tsx"
import { type SampleLike, sampleTable, togglePin } from "./sampleGrid.ts"

const nameOf = ({ step }: { step: number }) => (step === 0 ? "Base model" : `Step ${step}`)

export function SampleMatrix({ samples, best }: { samples: readonly SampleLike[]; best: number | undefined }) {
  const [pinned, setPinned] = useState<readonly string[]>([])
  const { columns, rows } = useMemo(() => sampleTable(samples), [samples])
  useShortcut("Escape", "Let go of pinned samples", "Run", () => setPinned([]), pinned.length > 0)
  if (samples.length === 0)
    return (
      <EmptyState
        icon={<Images />}
        title="No samples yet"
        className="rounded-2xl border border-border border-dashed bg-surface"
      >
        Samples are drawn for each prompt under “Show me while it learns”, before training and then every so many steps.
      </EmptyState>
    )
  const [before, after] = pinned.map((id) => samples.find((sample) => sample.id === id))
  const bestRow =
    best === undefined
      ? undefined
      : rows.filter(({ step }) => step > 0).toSorted((a, b) => Math.abs(a.step - best) - Math.abs(b.step - best))[0]
          ?.step
  return (
    <div className="flex flex-col gap-4">
      {before !== undefined && (
        <Panel
          title={after === undefined ? "Pin a second sample to compare" : `${nameOf(before)} against ${nameOf(after)}`}
          hint={(after ?? before).prompt}
          actions={<IconButton label="Let go" icon={<X />} onClick={() => setPinned([])} tipAlign="end" />}
        >
          <div className="mx-auto max-w-xl">
            {after === undefined ? (
              <img
                src={before.url}
                alt={before.prompt}
                className="max-h-[70dvh] w-full rounded-xl bg-surface-tertiary object-contain [image-rendering:auto]"
              />
            ) : (
              <CompareSlider
                before={{ url: before.url, label: nameOf(before), alt: `${before.prompt}, ${nameOf(before)}` }}
                after={{ url: after.url, label: nameOf(after), alt: `${after.prompt}, ${nameOf(after)}` }}
              />
            )}
          </div>
        </Panel>
      )}
      <ScrollArea
        label="Samples by step and prompt"
        className="max-h-[80dvh] rounded-2xl border border-border bg-surface shadow-surface"
      >
        <table className="border-separate border-spacing-0 text-sm">
          <thead>
            <tr>
              <th
                scope="col"
                className="sticky top-0 left-0 z-20 min-w-24 bg-surface px-3 py-2 text-left font-medium text-muted text-xs"
              >
                Step
              </th>
              {columns.map((column) => (
                <th
                  key={column.key}
                  scope="col"
                  className="sticky top-0 z-10 min-w-32 max-w-48 bg-surface px-1.5 py-2 text-left align-bottom font-medium text-xs"
                >
                  <span className="line-clamp-2" title={column.prompt}>
                    {column.prompt}
                  </span>
                  <span className="font-normal text-muted">seed {column.seed}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ step, cells }) => (
              <tr key={step}>
                <th
                  scope="row"
                  className="sticky left-0 z-10 border-separator border-t bg-surface px-3 py-2 text-left align-top font-medium text-xs"
                >
                  {step === 0 ? "Base model" : step}
                  {step === bestRow && (
                    <span className="mt-1 block w-fit rounded-full bg-best-soft px-2 py-0.5 text-warning-soft-foreground">
                      best loss
                    </span>
                  )}
                </th>
                {cells.map((cell, index) => (
                  <td key={columns[index]?.key ?? index} className="border-separator border-t p-1.5">
                    {cell === undefined ? (
                      <div className="grid size-32 place-items-center rounded-lg bg-surface-secondary text-muted text-xs">
                        –
                      </div>
                    ) : (
                      <button
                        type="button"
                        aria-pressed={pinned.includes(cell.id)}
                        aria-label={`${nameOf(cell)}: ${cell.prompt}. Pin to compare`}
                        onClick={() => setPinned((now) => togglePin(now, cell.id))}
                        className={classes(
                          "relative block overflow-hidden rounded-lg outline-offset-2",
                          pinned.includes(cell.id) && "ring-2 ring-accent",
                        )}
                      >
                        <img
                          src={cell.thumbnailUrl}
                          alt=""
                          loading="lazy"
                          decoding="async"
                          width={128}
                          height={128}
                          className="size-32 bg-surface-secondary object-cover"
                        />
                        {pinned.includes(cell.id) && (
                          <Pin
                            aria-hidden="true"
                            className="absolute top-1 right-1 size-5 rounded bg-accent p-0.5 text-accent-foreground"
                          />
                        )}
                      </button>
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollArea>
    </div>
  )
}

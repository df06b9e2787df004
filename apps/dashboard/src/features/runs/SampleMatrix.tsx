"use client"

/** Step × prompt: what the model drew, under the row of the base model; two pinned ones are compared by a slider. */

import { Images, Pin } from "lucide-react"
import { type KeyboardEvent, memo, useMemo, useState } from "react"
import { useShortcut } from "../../shortcuts/useShortcut.ts"
import { classes } from "../../ui/classes.ts"
import { EmptyState } from "../../ui/EmptyState.tsx"
import { ScrollArea } from "../../ui/ScrollArea.tsx"
import { nameOfStep, SampleCompare } from "./SampleCompare.tsx"
import { comparedByDefault, type SampleLike, sampleTable, togglePin } from "./sampleGrid.ts"

type SampleMatrixProps = { samples: readonly SampleLike[]; best: number | undefined; ended: boolean }

/** Drawn anew only when samples have come: hundreds of cells must not follow every step of the run. */
export const SampleMatrix = memo(function SampleMatrix({ samples, best, ended }: SampleMatrixProps) {
  const [pinned, setPinned] = useState<readonly string[]>([])
  const { columns, rows } = useMemo(() => sampleTable(samples), [samples])
  useShortcut("Escape", "Let go of pinned samples", "Run", () => setPinned([]), pinned.length > 0)
  if (samples.length === 0)
    return (
      <EmptyState
        icon={<Images />}
        title={ended ? "No samples were drawn" : "No samples yet"}
        className="rounded-2xl border border-border border-dashed bg-surface"
      >
        Samples are drawn for each prompt under “Show me while it learns”, before training and then every so many steps.
      </EmptyState>
    )
  const shown = pinned.length > 0 ? pinned : comparedByDefault(samples)
  const [before, after] = shown.map((id) => samples.find((sample) => sample.id === id))
  const bestRow =
    best === undefined
      ? undefined
      : rows.filter(({ step }) => step > 0).toSorted((a, b) => Math.abs(a.step - best) - Math.abs(b.step - best))[0]
          ?.step
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-5 lg:grid-cols-[minmax(0,1fr)_22rem] xl:grid-cols-[minmax(0,1fr)_26rem]">
      {before !== undefined && (
        <SampleCompare
          before={before}
          after={after}
          pinned={pinned.length}
          onLetGo={() => setPinned([])}
          className="lg:sticky lg:top-6 lg:order-2"
        />
      )}
      <ScrollArea
        label="Samples by step and prompt"
        className="max-h-[80dvh] rounded-2xl border border-border bg-surface shadow-surface"
      >
        <table className="border-separate border-spacing-0 text-sm" onKeyDown={moveFocus}>
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
                  className="sticky top-0 z-10 w-35 min-w-35 max-w-35 bg-surface px-1.5 py-2 text-left align-bottom font-medium text-xs"
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
            {rows.map(({ step, cells }, row) => (
              <tr key={step}>
                <th
                  scope="row"
                  className="sticky left-0 z-10 border-separator border-t bg-surface px-3 py-2 text-left align-top font-medium text-xs tabular-nums"
                >
                  {nameOfStep(step)}
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
                      <Cell
                        cell={cell}
                        shown={shown.includes(cell.id)}
                        pinned={pinned.includes(cell.id)}
                        first={row === 0 && index === 0}
                        onPin={() => setPinned((now) => togglePin(now, cell.id))}
                      />
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
})

type CellProps = { cell: SampleLike; shown: boolean; pinned: boolean; first: boolean; onPin: () => void }

function Cell({ cell, shown, pinned, first, onPin }: CellProps) {
  return (
    <button
      type="button"
      // One stop of the Tab key for the whole table; the arrow keys go on from there.
      tabIndex={first ? 0 : -1}
      aria-pressed={pinned}
      aria-label={`${nameOfStep(cell.step)}: ${cell.prompt}. Pin to compare`}
      onClick={onPin}
      className={classes(
        "relative block overflow-hidden rounded-lg outline-offset-2",
        shown && "ring-2 ring-accent ring-offset-1 ring-offset-surface",
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
      {pinned && (
        <Pin
          aria-hidden="true"
          className="absolute top-1 right-1 size-5 rounded bg-accent p-0.5 text-accent-foreground"
        />
      )}
    </button>
  )
}

const arrows: Readonly<Record<string, readonly [row: number, column: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
}

/** Arrow keys go from sample to sample. */
function moveFocus(event: KeyboardEvent<HTMLTableElement>) {
  const [down = 0, right = 0] = arrows[event.key] ?? []
  const cell = event.target instanceof Element ? event.target.closest("td") : null
  const row = cell?.closest("tr")
  if (cell === null || row === null || row === undefined || (down === 0 && right === 0)) return
  event.preventDefault()
  event.currentTarget.rows[row.rowIndex + down]?.cells[cell.cellIndex + right]?.querySelector("button")?.focus()
}

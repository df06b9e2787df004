"use client"

import { useQuery } from "@apollo/client/react"
import { useEffect } from "react"
import { GenerationDocument } from "../../graphql/generated/graphql.ts"
import { Link } from "../../ui/Link.tsx"
import { ScrollArea } from "../../ui/ScrollArea.tsx"
import { Spinner } from "../../ui/Spinner.tsx"
import type { GridHead, GridRun } from "./useGridRuns.ts"

export function GridResult({ runs, head: { x, y } }: { runs: readonly GridRun[]; head: GridHead }) {
  const rows = y === undefined || y.values.length === 0 ? [""] : y.values
  return (
    <ScrollArea label="Grid of images" className="rounded-2xl border border-border bg-surface p-3 shadow-surface">
      <table className="border-separate border-spacing-1 text-sm">
        <caption className="sr-only">{[x.label, y?.label].filter(Boolean).join(" × ")}</caption>
        <thead>
          <tr>
            <td className="max-w-32 px-2 align-bottom text-muted text-xs">
              {y === undefined ? x.label : `${y.label} ↓ ${x.label} →`}
            </td>
            {x.values.map((column) => (
              <th key={column} scope="col" className="max-w-40 px-2 py-1 font-medium text-xs">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={row}>
              <th scope="row" className="max-w-32 px-2 text-right font-medium text-xs">
                {row}
              </th>
              {x.values.map((column, index) => {
                const run = runs.find((one) => one.row === at && one.column === index)
                return (
                  <td key={column}>
                    <div className="checkered grid size-40 place-items-center overflow-hidden rounded-lg">
                      {run !== undefined && <Cell id={run.id} label={[column, row].filter(Boolean).join(", ")} />}
                    </div>
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollArea>
  )
}

function Cell({ id, label }: { id: string; label: string }) {
  const { data, refetch } = useQuery(GenerationDocument, { variables: { id } })
  const run = data?.generation
  const done = run?.status === "SUCCEEDED"
  const missing = done && run.images.length === 0
  // The run's state comes live; its image is asked for once it is there.
  useEffect(() => {
    if (missing) void refetch()
  }, [missing, refetch])
  const image = run?.images[0]
  if (image !== undefined)
    return (
      <Link href={`/images/${image.id}`} className="size-full outline-offset-[-3px]">
        <img src={image.thumbnailUrl} alt={label} className="size-full object-cover" />
      </Link>
    )
  if (run?.failure) return <p className="p-2 text-center text-danger-soft-foreground text-xs">{run.failure.message}</p>
  if (run?.status === "CANCELLED") return <p className="text-muted text-xs">Stopped</p>
  return <Spinner />
}

"use client"

import { useQuery } from "@apollo/client/react"
import { useEffect } from "react"
import { GenerationDocument } from "../../graphql/generated/graphql.ts"
import { ScrollArea } from "../../ui/ScrollArea.tsx"
import { Spinner } from "../../ui/Spinner.tsx"

export type GridRun = { key: string; row: number; column: number; id: string }

type GridResultProps = {
  runs: readonly GridRun[]
  columns: readonly string[]
  rows: readonly string[]
  x: string
  y: string | undefined
}

export function GridResult({ runs, columns, rows, x, y }: GridResultProps) {
  return (
    <ScrollArea label="Grid of images" className="rounded-2xl border border-border bg-surface p-3 shadow-surface">
      <table className="border-separate border-spacing-1 text-sm">
        <thead>
          <tr>
            <td className="text-muted text-xs">{[x, y].filter(Boolean).join(" × ")}</td>
            {columns.map((column) => (
              <th key={column} scope="col" className="px-2 py-1 font-medium text-xs">
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
              {columns.map((column, index) => {
                const run = runs.find((one) => one.row === at && one.column === index)
                return (
                  <td key={column}>
                    <div className="checkered grid size-40 place-items-center overflow-hidden rounded-lg">
                      {run !== undefined && <Cell id={run.id} label={`${column}, ${row}`} />}
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
  if (image !== undefined) return <img src={image.thumbnailUrl} alt={label} className="size-full object-cover" />
  if (run?.failure) return <p className="p-2 text-center text-danger-soft-foreground text-xs">{run.failure.message}</p>
  return <Spinner />
}

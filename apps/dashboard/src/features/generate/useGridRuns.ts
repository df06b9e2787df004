"use client"

/** The generations of a grid; they outlive the page and its being loaded anew, for a grid takes its time. */

import { useState, useSyncExternalStore } from "react"
import { z } from "zod/mini"
import { GenerateImagesDocument } from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { useSession } from "../shell/Session.tsx"
import type { GridCell } from "./gridPlan.ts"

const axis = z.object({ label: z.string(), values: z.array(z.string()) })
const storedGrid = z.object({
  head: z.object({ x: axis, y: z.optional(axis) }),
  runs: z.array(z.object({ key: z.string(), row: z.number(), column: z.number(), id: z.string() })),
})
type Grid = z.infer<typeof storedGrid>
export type GridHead = Grid["head"]
export type GridRun = Grid["runs"][number]

/** The latest grid of each team, as long as the tab is open; absent from here while nobody has looked. */
const grids = new Map<string, Grid | undefined>()
const listeners = new Set<() => void>()
const placeOf = (teamId: string) => `fjord.grid.${teamId}`

function latest(teamId: string): Grid | undefined {
  if (!grids.has(teamId)) grids.set(teamId, readGrid(sessionStorage.getItem(placeOf(teamId))))
  return grids.get(teamId)
}

/** @returns undefined for what another version has left. */
function readGrid(text: string | null): Grid | undefined {
  try {
    return storedGrid.safeParse(JSON.parse(text ?? "null")).data
  } catch {
    return undefined
  }
}

function keep(teamId: string, grid: Grid) {
  grids.set(teamId, grid)
  sessionStorage.setItem(placeOf(teamId), JSON.stringify(grid))
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
  }
}

export function useGridRuns() {
  const { team } = useSession()
  const grid = useSyncExternalStore(
    subscribe,
    () => latest(team.id),
    () => undefined,
  )
  const [busy, setBusy] = useState(false)
  const generate = useAct(GenerateImagesDocument)

  const draw = async (head: GridHead, cells: readonly GridCell[]) => {
    setBusy(true)
    keep(team.id, { head, runs: [] })
    for (const { input, ...cell } of cells) {
      const name = `Grid: ${[head.x.values[cell.column], head.y?.values[cell.row]].filter(Boolean).join(" × ")}`
      const run = await generate.act({ input: { ...input, name: name.slice(0, 100) } })
      // What was refused once is refused for every cell; the person has been told.
      if (run === undefined) break
      keep(team.id, { head, runs: [...(latest(team.id)?.runs ?? []), { ...cell, id: run.id }] })
    }
    setBusy(false)
  }
  return { head: grid?.head, runs: grid?.runs ?? [], draw, busy }
}

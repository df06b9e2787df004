"use client"

/** The generations of a grid; they outlive the page, for a grid takes its time. */

import { useState, useSyncExternalStore } from "react"
import { GenerateImagesDocument } from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { useSession } from "../shell/Session.tsx"
import type { GridCell } from "./gridPlan.ts"

export type GridHead = {
  x: { label: string; values: readonly string[] }
  y?: { label: string; values: readonly string[] }
}
export type GridRun = { key: string; row: number; column: number; id: string }
type Grid = { head: GridHead; runs: readonly GridRun[] }

/** The latest grid of each team. */
const grids = new Map<string, Grid>()
const listeners = new Set<() => void>()

function keep(teamId: string, grid: Grid) {
  grids.set(teamId, grid)
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
    () => grids.get(team.id),
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
      keep(team.id, { head, runs: [...(grids.get(team.id)?.runs ?? []), { ...cell, id: run.id }] })
    }
    setBusy(false)
  }
  return { head: grid?.head, runs: grid?.runs ?? [], draw, busy }
}

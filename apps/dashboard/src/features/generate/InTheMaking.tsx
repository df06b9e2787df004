"use client"

/** The generations that are under way, each with its picture as it comes out of the noise. */

import { useQuery } from "@apollo/client/react"
import { ActiveRunsDocument } from "../../graphql/generated/graphql.ts"
import { count } from "../../ui/format.ts"
import { useSession } from "../shell/Session.tsx"
import { Making } from "./Making.tsx"

type InTheMakingProps = {
  /** Started on this page, the latest first; the latest stays until it is closed, others until they have succeeded. */
  started: readonly string[]
  onGone: (id: string) => void
}

/** More would push the gallery away; a grid asks for up to 64. */
const mostShown = 3

export function InTheMaking({ started, onGone }: InTheMakingProps) {
  const { team } = useSession()
  const { data } = useQuery(ActiveRunsDocument, { variables: { teamId: team.id } })
  const active = (data?.activeRuns ?? []).filter((run) => run.__typename === "Generation")
  // Those that draw come before those that wait, in the order in which they will be drawn.
  const underWay = active.toReversed().sort((a, b) => Number(b.status === "RUNNING") - Number(a.status === "RUNNING"))
  const ended = started.filter((id) => !active.some((run) => run.id === id))
  const shown = [...ended, ...underWay.map(({ id }) => id)]
  const hidden = shown.length - mostShown
  return (
    <>
      {shown.slice(0, mostShown).map((id) => (
        <Making key={id} id={id} stays={id === started[0]} onGone={onGone} />
      ))}
      {hidden > 0 && <p className="px-1 text-muted text-sm">{count(hidden, "generation")} more wait for a worker.</p>}
    </>
  )
}

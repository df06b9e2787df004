"use client"

/** Who is here and in which team; pages inside the gate may take both for granted. */

import { useQuery } from "@apollo/client/react"
import dynamic from "next/dynamic"
import { usePathname, useRouter } from "next/navigation"
import { createContext, type ReactNode, useContext, useEffect, useState } from "react"
import { ViewerDocument, type ViewerQuery } from "../../graphql/generated/graphql.ts"
import { Button } from "../../ui/Button.tsx"
import { EmptyState } from "../../ui/EmptyState.tsx"
import { Spinner } from "../../ui/Spinner.tsx"

// Seldom seen: loaded when it is the case.
const NoTeam = dynamic(() => import("./NoTeam.tsx").then((module) => module.NoTeam))

type Viewer = NonNullable<ViewerQuery["viewer"]>
type Membership = Viewer["memberships"][number]

type Session = {
  user: Viewer["user"]
  team: Membership["team"]
  role: Membership["role"]
  /** Why what follows cannot be changed by this member; absent when it can. */
  readOnly: string | undefined
  teams: readonly Membership["team"][]
  switchTeam: (teamId: string) => void
  version: string
  hasStarterModel: boolean
  /** May do what concerns all teams. */
  ownsStudio: boolean
}

const SessionContext = createContext<Session | undefined>(undefined)

export function useSession(): Session {
  const session = useContext(SessionContext)
  if (session === undefined) throw new Error("useSession is called outside of SessionGate; wrap the page in Studio.")
  return session
}

const teamKey = "fjord.team"

export function SessionGate({ children }: { children: ReactNode }) {
  const { data, error, refetch } = useQuery(ViewerDocument)
  const [teamId, setTeamId] = useState(() => (typeof window === "undefined" ? null : localStorage.getItem(teamKey)))
  const router = useRouter()
  const path = usePathname()
  const signedOut = data !== undefined && data.viewer === null
  // Nobody has an account yet: the first visit begins with making one.
  const door = data?.setup.signUpOpen ? "sign-up" : "sign-in"

  useEffect(() => {
    if (signedOut) router.replace(`/${door}?next=${encodeURIComponent(path + location.search)}`)
  }, [signedOut, door, path, router])

  if (error !== undefined && data === undefined) return <Unreachable onRetry={() => refetch()} />
  const viewer = data?.viewer
  const membership = viewer?.memberships.find((own) => own.team.id === teamId) ?? viewer?.memberships[0]
  if (viewer === null || viewer === undefined || data === undefined) return <Waiting />
  if (membership === undefined) return <NoTeam onMade={() => refetch()} />

  const switchTeam = (id: string) => {
    localStorage.setItem(teamKey, id)
    setTeamId(id)
    router.push("/")
  }
  const readOnly =
    membership.role === "VIEWER"
      ? `You may look at ${membership.team.name} but not change it; ask an owner.`
      : undefined
  return (
    <SessionContext
      value={{
        user: viewer.user,
        team: membership.team,
        role: membership.role,
        readOnly,
        teams: viewer.memberships.map((own) => own.team),
        switchTeam,
        version: data.setup.version,
        hasStarterModel: data.setup.hasStarterModel,
        ownsStudio: viewer.ownsStudio,
      }}
    >
      {children}
    </SessionContext>
  )
}

function Waiting() {
  return (
    <main className="col-span-2 grid min-h-dvh place-items-center text-muted">
      <Spinner label="Opening the studio…" />
    </main>
  )
}

function Unreachable({ onRetry }: { onRetry: () => void }) {
  return (
    <main className="col-span-2 grid min-h-dvh place-items-center">
      <EmptyState
        page
        title="The server does not answer"
        actions={
          <Button variant="primary" onClick={onRetry}>
            Try again
          </Button>
        }
      >
        Nothing is lost: runs go on without the dashboard. If this lasts, look at the terminal where Fjord was started.
      </EmptyState>
    </main>
  )
}

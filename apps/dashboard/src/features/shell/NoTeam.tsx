"use client"

import { Users } from "lucide-react"
import { CreateTeamDocument } from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { Button } from "../../ui/Button.tsx"
import { EmptyState } from "../../ui/EmptyState.tsx"
import { signOut } from "../account/signOut.ts"

/** Somebody who has left every team, or was removed. */
export function NoTeam({ onMade }: { onMade: () => unknown }) {
  const create = useAct(CreateTeamDocument)
  return (
    <main className="col-span-2 grid min-h-dvh place-items-center">
      <EmptyState
        page
        icon={<Users />}
        title="You are in no team"
        actions={
          <>
            <Button
              variant="primary"
              busy={create.busy}
              onClick={async () => (await create.act({ name: "My team" })) !== undefined && onMade()}
            >
              Begin a team of your own
            </Button>
            <Button onClick={signOut}>Sign out</Button>
          </>
        }
      >
        You left it, or somebody removed you. Open an invitation’s link to join another one.
      </EmptyState>
    </main>
  )
}

"use client"

/** One's own way in: the password, and the browsers that are signed in. */

import { useQuery } from "@apollo/client/react"
import { X } from "lucide-react"
import { useSearchParams } from "next/navigation"
import { type FormEvent, useState } from "react"
import { EndSessionDocument, SessionsDocument, type SessionsQuery } from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { Button, IconButton } from "../../ui/Button.tsx"
import { TextField } from "../../ui/Field.tsx"
import { formatAgo } from "../../ui/format.ts"
import { Notice } from "../../ui/Notice.tsx"
import { Panel } from "../../ui/Panel.tsx"
import { authenticate } from "../account/authenticate.ts"
import { NewPassword } from "../account/NewPassword.tsx"
import { QueryState } from "../shell/QueryState.tsx"
import { useSession } from "../shell/Session.tsx"
import { browserOf } from "./browserOf.ts"

export function Account() {
  const { user } = useSession()
  const query = useQuery(SessionsDocument, { fetchPolicy: "cache-and-network" })
  return (
    <Panel title="Your account" hint={`${user.name}, ${user.email}`} flush>
      <ChangePassword />
      <QueryState query={query}>
        {({ sessions }) => (
          <>
            <h3 className="border-separator border-t px-4 pt-4 pb-2 font-medium text-sm sm:px-5">Signed in</h3>
            <ul>
              {sessions.map((session) => (
                <Row key={session.id} session={session} />
              ))}
            </ul>
          </>
        )}
      </QueryState>
    </Panel>
  )
}

/** Of the address that is loaded after a change. */
const changed = "changed"

function ChangePassword() {
  const { user } = useSession()
  const parameters = useSearchParams()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    setBusy(true)
    const form = new FormData(event.currentTarget)
    const refused = await authenticate("change-password", {
      currentPassword: String(form.get("currentPassword")),
      newPassword: String(form.get("newPassword")),
      revokeOtherSessions: true,
    })
    // A full load: the session is a new one, and whatever follows something has to follow it by the new one.
    if (refused === undefined) location.assign(`/settings?password=${changed}`)
    else {
      setProblem(refused)
      setBusy(false)
    }
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-3 px-4 pb-5 sm:px-5">
      {problem !== undefined && <Notice tone="danger">{problem}</Notice>}
      {problem === undefined && parameters.get("password") === changed && (
        <Notice tone="success">Your password is changed. All other browsers are signed out.</Notice>
      )}
      <input type="email" name="email" autoComplete="username" value={user.email} readOnly hidden />
      <TextField
        label="Current password"
        name="currentPassword"
        type="password"
        autoComplete="current-password"
        required
        hint="Forgotten? An owner of your teams, or whoever runs the machine, makes you a link."
      />
      <NewPassword label="New password" />
      <Button type="submit" variant="secondary" busy={busy} className="self-end">
        Change the password
      </Button>
    </form>
  )
}

function Row({ session }: { session: SessionsQuery["sessions"][number] }) {
  const end = useAct(EndSessionDocument, { refetch: ["Sessions"] })
  const browser = browserOf(session.userAgent)
  return (
    <li className="flex min-h-14 items-center gap-3 border-separator border-t px-4 py-3 text-sm sm:px-5">
      <span className="min-w-0 flex-1">
        <span className="block truncate font-medium">
          {browser}
          {session.current && <span className="font-normal text-muted"> (this one)</span>}
        </span>
        <span className="text-muted">
          {[session.ipAddress, formatAgo(session.createdAt, Date.now())].filter(Boolean).join(" · ")}
        </span>
      </span>
      {!session.current && (
        <IconButton
          label={`Sign ${browser} out`}
          icon={<X />}
          onClick={() => end.act({ id: session.id })}
          tipAlign="end"
        />
      )}
    </li>
  )
}

"use client"

import { useQuery } from "@apollo/client/react"
import { type FormEvent, useState } from "react"
import { ResetLinkDocument } from "../../graphql/generated/graphql.ts"
import { Button, LinkButton } from "../../ui/Button.tsx"
import { EmptyState } from "../../ui/EmptyState.tsx"
import { Notice } from "../../ui/Notice.tsx"
import { QueryState } from "../shell/QueryState.tsx"
import { authenticate } from "./authenticate.ts"
import { NewPassword } from "./NewPassword.tsx"

/** What the holder of a link to set a new password sees, signed in or not. */
export function ResetPassword({ token }: { token: string }) {
  const query = useQuery(ResetLinkDocument, { variables: { token } })
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const [done, setDone] = useState(false)
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    setBusy(true)
    const newPassword = String(new FormData(event.currentTarget).get("newPassword"))
    const refused = await authenticate("reset-password", { token, newPassword })
    setProblem(refused)
    setDone(refused === undefined)
    setBusy(false)
  }
  if (done)
    return (
      <EmptyState
        page
        title="Your new password is set"
        actions={
          // A full load, so that nothing of an ended session stays in memory.
          <Button variant="primary" autoFocus onClick={() => location.assign("/sign-in")}>
            Sign in
          </Button>
        }
      >
        Wherever you were signed in, you are signed out now. If you had connected the Hugging Face Hub, connect it again
        in the settings.
      </EmptyState>
    )
  return (
    <QueryState query={query}>
      {({ resetLink }) =>
        resetLink === null ? (
          <EmptyState
            page
            title="This link is no longer open"
            actions={
              <LinkButton variant="primary" href="/sign-in">
                Go to sign in
              </LinkButton>
            }
          >
            It was used, replaced by a newer one, or it has expired. Ask an owner of your team for a new one.
          </EmptyState>
        ) : (
          <form onSubmit={submit} className="flex flex-col gap-4">
            <div>
              <h1 className="font-semibold text-2xl tracking-tight">A new password</h1>
              <p className="mt-1 text-muted text-sm">
                For {resetLink.name}, {resetLink.email}. All your sessions end when it is set.
              </p>
            </div>
            {problem !== undefined && <Notice tone="danger">{problem}</Notice>}
            {/* So that a password manager knows whose it is. */}
            <input type="email" name="email" autoComplete="username" value={resetLink.email} readOnly hidden />
            <NewPassword label="New password" autoFocus />
            <Button type="submit" variant="primary" size="lg" busy={busy} className="w-full">
              Set the password
            </Button>
          </form>
        )
      }
    </QueryState>
  )
}

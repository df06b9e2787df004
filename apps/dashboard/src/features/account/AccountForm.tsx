"use client"

/** Sign in and sign up: two forms of one shape. */

import { useQuery } from "@apollo/client/react"
import { useSearchParams } from "next/navigation"
import { type FormEvent, useState } from "react"
import { ViewerDocument } from "../../graphql/generated/graphql.ts"
import { Button, LinkButton } from "../../ui/Button.tsx"
import { EmptyState } from "../../ui/EmptyState.tsx"
import { TextField } from "../../ui/Field.tsx"
import { Link } from "../../ui/Link.tsx"
import { Notice } from "../../ui/Notice.tsx"
import { authenticate, safeNext } from "./authenticate.ts"

const byInvitation = "New here? Ask an owner of a team for an invitation."

export function AccountForm({ mode }: { mode: "sign-in" | "sign-up" }) {
  const parameters = useSearchParams()
  const next = safeNext(parameters.get("next"))
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const signingUp = mode === "sign-up"
  const invitation = parameters.get("invitation")
  const { data } = useQuery(ViewerDocument)
  /** Whether this would be the first account; unknown at first. */
  const first = data?.setup.signUpOpen

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    setBusy(true)
    const fields = Object.fromEntries(
      [...new FormData(event.currentTarget)].map(([key, value]) => [key, String(value)]),
    )
    const refused = await authenticate(
      `${mode}/email`,
      signingUp && invitation !== null ? { ...fields, invitation } : fields,
    )
    // A full load, so that the session's cookie is part of everything from the first request on.
    if (refused === undefined) location.assign(next)
    else {
      setProblem(refused)
      setBusy(false)
    }
  }

  const after = signingUp && invitation !== null ? `/invitations/${invitation}` : next
  const query = after === "/" ? "" : `?next=${encodeURIComponent(after)}`
  if (signingUp && invitation === null && first === false)
    return (
      <EmptyState
        page
        title="This studio is by invitation"
        actions={
          <LinkButton variant="primary" href={`/sign-in${query}`}>
            Sign in
          </LinkButton>
        }
      >
        Ask an owner of a team for a link; it leads here and lets you make an account.
      </EmptyState>
    )
  const link = (to: "sign-in" | "sign-up", word: string) => (
    <Link href={`/${to}${query}`} className="font-medium text-accent-soft-foreground underline">
      {word}
    </Link>
  )
  const title = !signingUp ? "Welcome back" : invitation === null ? "Open your studio" : "Join the studio"
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <div>
        <h1 className="font-semibold text-2xl tracking-tight">{title}</h1>
        <p className="mt-1 text-muted text-sm">
          {signingUp ? "An account on this machine; nothing leaves it." : "Sign in to your studio."}
        </p>
      </div>
      {problem !== undefined && <Notice tone="danger">{problem}</Notice>}
      {signingUp && <TextField label="Name" name="name" autoComplete="name" required maxLength={80} autoFocus />}
      <TextField label="Email" name="email" type="email" autoComplete="email" required autoFocus={!signingUp} />
      <TextField
        label="Password"
        name="password"
        type="password"
        autoComplete={signingUp ? "new-password" : "current-password"}
        required
        minLength={10}
        {...(signingUp ? { hint: "At least 10 characters." } : {})}
      />
      {!signingUp && (
        <details className="text-muted text-sm">
          <summary className="w-fit cursor-pointer">Forgot your password?</summary>
          <p className="mt-1">
            Ask an owner of your team for a link to set a new one; whoever runs the machine makes one by{" "}
            <code className="whitespace-nowrap">npm run password -- EMAIL</code>.
          </p>
        </details>
      )}
      <Button type="submit" variant="primary" size="lg" busy={busy} className="w-full">
        {signingUp ? "Create account" : "Sign in"}
      </Button>
      {/* The room is kept while it is not known yet who comes. */}
      <p className="min-h-5 text-center text-muted text-sm">
        {first === false && (signingUp ? <>Already have an account? {link("sign-in", "Sign in")}</> : byInvitation)}
        {first === true && !signingUp && <>Nobody has an account yet. {link("sign-up", "Create the first one")}</>}
      </p>
    </form>
  )
}

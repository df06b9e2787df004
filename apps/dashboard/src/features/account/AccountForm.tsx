"use client"

/** Sign in and sign up: two forms of one shape. */

import Link from "next/link"
import { useSearchParams } from "next/navigation"
import { type FormEvent, useState } from "react"
import { Button } from "../../ui/Button.tsx"
import { TextField } from "../../ui/Field.tsx"
import { Notice } from "../../ui/Notice.tsx"
import { authenticate, safeNext } from "./authenticate.ts"

export function AccountForm({ mode }: { mode: "sign-in" | "sign-up" }) {
  const parameters = useSearchParams()
  const next = safeNext(parameters.get("next"))
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const signingUp = mode === "sign-up"

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    setBusy(true)
    const invitation = parameters.get("invitation")
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

  const query = next === "/" ? "" : `?next=${encodeURIComponent(next)}`
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <div>
        <h1 className="font-semibold text-2xl tracking-tight">{signingUp ? "Open your studio" : "Welcome back"}</h1>
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
      <Button type="submit" variant="primary" size="lg" busy={busy} className="w-full">
        {signingUp ? "Create account" : "Sign in"}
      </Button>
      <p className="text-center text-muted text-sm">
        {signingUp ? "Already have an account? " : "New here? "}
        <Link
          href={`/${signingUp ? "sign-in" : "sign-up"}${query}`}
          className="font-medium text-accent-soft-foreground underline"
        >
          {signingUp ? "Sign in" : "Create an account"}
        </Link>
      </p>
    </form>
  )
}

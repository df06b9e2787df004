"use client"

import { useState } from "react"
import { Button } from "../../ui/Button.tsx"
import { TextField } from "../../ui/Field.tsx"

type NewPasswordProps = { label: string; autoFocus?: boolean }

/** The field `newPassword` of a form; it can be read, for a slip would lock its person out. */
export function NewPassword({ label, autoFocus = false }: NewPasswordProps) {
  const [shown, setShown] = useState(false)
  return (
    <div className="flex items-end gap-2">
      <TextField
        label={label}
        aside="at least 10 characters"
        name="newPassword"
        type={shown ? "text" : "password"}
        autoComplete="new-password"
        required
        minLength={10}
        maxLength={200}
        autoFocus={autoFocus}
        className="flex-1"
      />
      <Button onClick={() => setShown(!shown)}>
        {shown ? "Hide" : "Show"} <span className="sr-only">the password</span>
      </Button>
    </div>
  )
}

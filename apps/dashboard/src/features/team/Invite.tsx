"use client"

import { type FormEvent, useState } from "react"
import { InviteMemberDocument, type Role } from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { Button } from "../../ui/Button.tsx"
import { CopyLink } from "../../ui/CopyLink.tsx"
import { SelectField, TextField } from "../../ui/Field.tsx"
import { Modal } from "../../ui/Modal.tsx"

const choices = [
  { value: "EDITOR", label: "Editor: trains and draws" },
  { value: "VIEWER", label: "Viewer: looks" },
  { value: "OWNER", label: "Owner: administers" },
] as const satisfies { value: Role; label: string }[]

/** Makes a link to send to somebody; Fjord sends no mail itself. */
export function Invite({ teamId, onClose }: { teamId: string; onClose: () => void }) {
  const [email, setEmail] = useState("")
  const [role, setRole] = useState<Role>("EDITOR")
  const [url, setUrl] = useState<string>()
  const invite = useAct(InviteMemberDocument, { quiet: true, refetch: ["Team"] })
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const made = await invite.act({ teamId, email: email.trim() === "" ? null : email.trim(), role })
    if (made !== undefined) setUrl(made.url)
  }
  return (
    <Modal open onClose={onClose} title="Invite somebody" hint="You get a link to send; it works for a week.">
      {url === undefined ? (
        <form onSubmit={submit} className="flex flex-col gap-4">
          <TextField
            label="Email (optional)"
            type="email"
            value={email}
            onChange={(event) => setEmail(event.target.value)}
            error={invite.refusal?.message}
            hint="Only this address can accept then. Without one, whoever has the link can."
          />
          <SelectField
            label="Role"
            choices={choices}
            value={role}
            onChange={(event) => setRole(choices.find(({ value }) => value === event.target.value)?.value ?? "EDITOR")}
          />
          <Button type="submit" variant="primary" busy={invite.busy} className="self-end">
            Make a link
          </Button>
        </form>
      ) : (
        <CopyLink url={url} label="Send this link" />
      )}
    </Modal>
  )
}

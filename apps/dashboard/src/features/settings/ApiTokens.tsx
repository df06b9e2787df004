"use client"

import { Copy, X } from "lucide-react"
import { type FormEvent, useState } from "react"
import { CreateApiTokenDocument, RevokeApiTokenDocument, type TokenScope } from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { Button, IconButton } from "../../ui/Button.tsx"
import { Confirm } from "../../ui/Confirm.tsx"
import { copyText } from "../../ui/copyText.ts"
import { SelectField, TextField } from "../../ui/Field.tsx"
import { formatAgo, formatTime } from "../../ui/format.ts"
import { Notice } from "../../ui/Notice.tsx"
import { Panel } from "../../ui/Panel.tsx"
import { useSession } from "../shell/Session.tsx"
import type { SettingsData } from "./SettingsPage.tsx"

type Token = NonNullable<SettingsData["team"]>["apiTokens"]["edges"][number]["node"]

const scopes = [
  { value: "READ", label: "May read" },
  { value: "WRITE", label: "May train and draw" },
  { value: "ADMIN", label: "May administer" },
] as const satisfies { value: TokenScope; label: string }[]

const terms = [
  { value: "30", label: "A month" },
  { value: "365", label: "A year" },
  { value: "", label: "Until revoked" },
]
const dayMs = 86_400_000

export function ApiTokens({ tokens }: { tokens: readonly Token[] }) {
  const { team } = useSession()
  const [name, setName] = useState("")
  const [scope, setScope] = useState<TokenScope>("READ")
  const [days, setDays] = useState("365")
  const [revoking, setRevoking] = useState<Token>()
  const [fresh, setFresh] = useState<string>()
  const create = useAct(CreateApiTokenDocument, { quiet: true, refetch: ["Settings"] })
  const revoke = useAct(RevokeApiTokenDocument)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const expiresAt = days === "" ? null : new Date(Date.now() + Number(days) * dayMs).toISOString()
    const made = await create.act({ teamId: team.id, name: name.trim(), scopes: [scope], expiresAt })
    if (made === undefined) return
    setFresh(made.token)
    setName("")
  }
  const live = tokens.filter((token) => token.revokedAt === null)
  return (
    <Panel title="API tokens" hint="For programs that use Fjord's GraphQL API in your name." flush>
      {fresh !== undefined && (
        <Notice
          tone="success"
          title="Copy it now; it is not shown again"
          className="mx-4 mb-4 sm:mx-5"
          actions={
            <Button size="sm" onClick={() => void copyText(fresh)}>
              <Copy /> Copy
            </Button>
          }
        >
          <code className="break-all text-xs">{fresh}</code>
        </Notice>
      )}
      <ul>
        {live.map((token) => (
          <li key={token.id} className="flex items-center gap-3 border-separator border-t px-4 py-3 text-sm sm:px-5">
            <span className="min-w-0 flex-1">
              <span className="block truncate font-medium">
                {token.name} <code className="font-normal text-muted text-xs">{token.prefix}…</code>
              </span>
              <span className="text-muted">
                {token.scopes.map((one) => scopes.find(({ value }) => value === one)?.label.toLowerCase()).join(", ")} ·{" "}
                {token.user.name} ·{" "}
                {token.lastUsedAt === null ? "never used" : `used ${formatAgo(token.lastUsedAt, Date.now())}`}
                {token.expiresAt !== null && ` · until ${formatTime(token.expiresAt)}`}
              </span>
            </span>
            <IconButton label={`Revoke ${token.name}`} icon={<X />} onClick={() => setRevoking(token)} tipAlign="end" />
          </li>
        ))}
      </ul>
      <form onSubmit={submit} className="flex flex-wrap items-end gap-3 border-separator border-t px-4 py-4 sm:px-5">
        <TextField
          label="Name"
          value={name}
          onChange={(event) => setName(event.target.value)}
          placeholder="My notebook"
          error={create.refusal?.message}
          maxLength={80}
          className="min-w-40 flex-1"
        />
        <SelectField
          label="Right"
          className="w-44"
          choices={scopes}
          value={scope}
          onChange={(event) => setScope(scopes.find(({ value }) => value === event.target.value)?.value ?? "READ")}
        />
        <SelectField
          label="Works for"
          className="w-36"
          choices={terms}
          value={days}
          onChange={(event) => setDays(event.target.value)}
        />
        <Button
          type="submit"
          variant="secondary"
          busy={create.busy}
          reason={name.trim() === "" ? "Give it a name to recognise it by." : undefined}
        >
          Make a token
        </Button>
      </form>
      <Confirm
        open={revoking !== undefined}
        onClose={() => setRevoking(undefined)}
        title={`Revoke ${revoking?.name ?? ""}?`}
        action="Revoke"
        onConfirm={() => revoking && revoke.act({ id: revoking.id })}
      >
        Programs that use it are refused from now on.
      </Confirm>
    </Panel>
  )
}

"use client"

import { Copy, X } from "lucide-react"
import { type FormEvent, useState } from "react"
import { toast } from "sonner"
import { CreateApiTokenDocument, RevokeApiTokenDocument, type TokenScope } from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { Button, IconButton } from "../../ui/Button.tsx"
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

export function ApiTokens({ tokens }: { tokens: readonly Token[] }) {
  const { team } = useSession()
  const [name, setName] = useState("")
  const [scope, setScope] = useState<TokenScope>("READ")
  const [fresh, setFresh] = useState<string>()
  const create = useAct(CreateApiTokenDocument, { quiet: true, refetch: ["Settings"] })
  const revoke = useAct(RevokeApiTokenDocument)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const made = await create.act({ teamId: team.id, name: name.trim(), scopes: [scope] })
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
          className="mx-5 mb-4"
          actions={
            <Button
              size="sm"
              onClick={() => void navigator.clipboard.writeText(fresh).then(() => toast.success("Copied."))}
            >
              <Copy /> Copy
            </Button>
          }
        >
          <code className="break-all text-xs">{fresh}</code>
        </Notice>
      )}
      <ul>
        {live.map((token) => (
          <li key={token.id} className="flex items-center gap-3 border-separator border-t px-5 py-3 text-sm">
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
            <IconButton
              label={`Revoke ${token.name}`}
              icon={<X />}
              onClick={() => revoke.act({ id: token.id })}
              tipAlign="end"
            />
          </li>
        ))}
      </ul>
      <form onSubmit={submit} className="flex flex-wrap items-end gap-3 border-separator border-t px-5 py-4">
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
        <Button
          type="submit"
          variant="secondary"
          busy={create.busy}
          reason={name.trim() === "" ? "Give it a name to recognise it by." : undefined}
        >
          Make a token
        </Button>
      </form>
    </Panel>
  )
}

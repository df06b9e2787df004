"use client"

import { useQuery } from "@apollo/client/react"
import { type FormEvent, useState } from "react"
import {
  ConnectHubDocument,
  DisconnectHubDocument,
  HubAccountDocument,
  StartHubSignInDocument,
} from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { Button } from "../../ui/Button.tsx"
import { TextField } from "../../ui/Field.tsx"
import { formatTime } from "../../ui/format.ts"
import { Panel } from "../../ui/Panel.tsx"
import { QueryState } from "../shell/QueryState.tsx"

/** Your account at the Hugging Face Hub; the token is stored sealed and never shown again. */
export function Hub({ signIn }: { signIn: boolean }) {
  const query = useQuery(HubAccountDocument)
  const [token, setToken] = useState("")
  const connect = useAct(ConnectHubDocument, { quiet: true, refetch: ["HubAccount"] })
  const disconnect = useAct(DisconnectHubDocument, { refetch: ["HubAccount"] })
  const start = useAct(StartHubSignInDocument)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if ((await connect.act({ token: token.trim() })) !== undefined) setToken("")
  }
  const signInThere = async () => {
    const url = await start.act({})
    if (url !== undefined) location.assign(url)
  }
  return (
    <Panel title="Hugging Face Hub" hint="To fetch data sets and models, and to publish yours.">
      <QueryState query={query}>
        {({ hubAccount }) =>
          hubAccount !== null ? (
            <div className="flex items-center justify-between gap-3">
              <p className="text-sm">
                Connected as <b className="font-semibold">{hubAccount.hubUser}</b>
                {hubAccount.expiresAt !== null && (
                  <span className="block text-muted">
                    Until {formatTime(hubAccount.expiresAt)}; sign in again after that.
                  </span>
                )}
              </p>
              <Button variant="danger-soft" size="sm" busy={disconnect.busy} onClick={() => disconnect.act({})}>
                Disconnect
              </Button>
            </div>
          ) : (
            <form onSubmit={submit} className="flex flex-col gap-3">
              {signIn && (
                <Button variant="secondary" busy={start.busy} onClick={signInThere}>
                  Sign in with Hugging Face
                </Button>
              )}
              <TextField
                label="Access token"
                type="password"
                autoComplete="off"
                value={token}
                onChange={(event) => setToken(event.target.value)}
                placeholder="hf_…"
                error={connect.refusal?.message}
                hint="From your settings at the Hub, with the right to write. It is stored sealed and shown to nobody."
              />
              <Button
                type="submit"
                variant="primary"
                className="self-end"
                busy={connect.busy}
                reason={token.trim() === "" ? "Paste a token first." : undefined}
              >
                Connect
              </Button>
            </form>
          )
        }
      </QueryState>
    </Panel>
  )
}

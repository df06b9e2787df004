"use client"

import { Copy } from "lucide-react"
import { type FormEvent, useState } from "react"
import { CreateWebhookDocument, type WebhookEvent } from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { Button } from "../../ui/Button.tsx"
import { copyText } from "../../ui/copyText.ts"
import { TextField } from "../../ui/Field.tsx"
import { Notice } from "../../ui/Notice.tsx"
import { ToggleChips } from "../../ui/ToggleChips.tsx"
import { useSession } from "../shell/Session.tsx"

/** Total over the events, so that a new one cannot be forgotten here. */
export const eventNames: Record<WebhookEvent, string> = {
  StatusChanged: "Status changed",
  RunFinished: "Run finished",
  CheckpointSaved: "Checkpoint saved",
  SampleRendered: "Sample drawn",
  ImageSaved: "Image drawn",
  Message: "Message",
}
const isEvent = (name: string): name is WebhookEvent => name in eventNames
const choices = Object.entries(eventNames).map(([value, label]) => ({ value, label }))

export function AddWebhook() {
  const { team } = useSession()
  const [url, setUrl] = useState("")
  const [events, setEvents] = useState<readonly string[]>(["StatusChanged"])
  const [secret, setSecret] = useState<string>()
  const create = useAct(CreateWebhookDocument, { quiet: true, refetch: ["Webhooks"] })
  const reason =
    url.trim() === ""
      ? "Say which address is to be told."
      : events.length === 0
        ? "Choose at least one event."
        : undefined
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (reason !== undefined) return
    const made = await create.act({ teamId: team.id, url: url.trim(), events: events.filter(isEvent) })
    if (made === undefined) return
    setSecret(made.secret)
    setUrl("")
  }
  return (
    <>
      {secret !== undefined && (
        <Notice
          tone="success"
          title="The key of its signatures; it is not shown again"
          className="mx-4 mb-4 sm:mx-5"
          actions={
            <Button size="sm" onClick={() => void copyText(secret)}>
              <Copy /> Copy
            </Button>
          }
        >
          <code className="break-all text-xs">{secret}</code>
        </Notice>
      )}
      <form onSubmit={submit} className="flex flex-col gap-3 border-separator border-t px-4 py-4 sm:px-5">
        <TextField
          label="Address"
          type="url"
          value={url}
          onChange={(event) => setUrl(event.target.value)}
          placeholder="https://example.org/fjord"
          error={create.refusal?.message}
        />
        <ToggleChips label="Events" choices={choices} chosen={events} onChange={setEvents} />
        <Button type="submit" variant="secondary" busy={create.busy} reason={reason} className="self-start">
          Add webhook
        </Button>
      </form>
    </>
  )
}

"use client"

/** Addresses that are told of the team's runs, and what became of each delivery. */

import { useQuery } from "@apollo/client/react"
import { Pause, Play, Send, Trash2 } from "lucide-react"
import { useState } from "react"
import {
  DeleteWebhookDocument,
  TestWebhookDocument,
  UpdateWebhookDocument,
  WebhooksDocument,
  type WebhooksQuery,
} from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { IconButton } from "../../ui/Button.tsx"
import { Confirm } from "../../ui/Confirm.tsx"
import { count } from "../../ui/format.ts"
import { Panel } from "../../ui/Panel.tsx"
import { toast } from "../../ui/toast.ts"
import { QueryState } from "../shell/QueryState.tsx"
import { useSession } from "../shell/Session.tsx"
import { AddWebhook, eventNames } from "./AddWebhook.tsx"
import { Deliveries } from "./Deliveries.tsx"

type Webhook = NonNullable<WebhooksQuery["team"]>["webhooks"]["edges"][number]["node"]

export function Webhooks() {
  const { team } = useSession()
  const query = useQuery(WebhooksDocument, { variables: { teamId: team.id }, fetchPolicy: "cache-and-network" })
  return (
    <Panel title="Webhooks" hint="Addresses of yours that are told when something happens to a run." flush>
      <QueryState query={query}>
        {(data) => (
          <>
            <ul>
              {data.team?.webhooks.edges.map(({ node }) => (
                <Row key={node.id} webhook={node} />
              ))}
            </ul>
            <AddWebhook />
          </>
        )}
      </QueryState>
    </Panel>
  )
}

function Row({ webhook }: { webhook: Webhook }) {
  const [removing, setRemoving] = useState(false)
  const [open, setOpen] = useState(false)
  const update = useAct(UpdateWebhookDocument)
  const remove = useAct(DeleteWebhookDocument, { refetch: ["Webhooks"] })
  const test = useAct(TestWebhookDocument)
  const { id, url, active, deliveries } = webhook
  const testNow = async () => {
    const answer = await test.act({ id })
    if (answer === undefined) return
    if (answer.problem === null) toast.success(`${new URL(url).host} took the test.`)
    else toast.error(`The test did not arrive: ${answer.problem}`)
  }
  return (
    <li className="border-separator border-t px-4 py-3 text-sm sm:px-5">
      <div className="flex items-start gap-2">
        <div className="min-w-0 flex-1">
          <p className="break-all font-medium">{url}</p>
          <p className="text-muted">
            {active ? "" : "Paused · "}
            {webhook.events.map((event) => eventNames[event].toLowerCase()).join(", ")}
          </p>
        </div>
        <IconButton
          label="Send a test"
          icon={<Send />}
          aria-disabled={test.busy || undefined}
          onClick={() => !test.busy && void testNow()}
          tipAlign="end"
        />
        <IconButton
          label={active ? "Pause" : "Go on"}
          icon={active ? <Pause /> : <Play />}
          onClick={() => update.act({ id, active: !active })}
          tipAlign="end"
        />
        <IconButton label="Remove" icon={<Trash2 />} onClick={() => setRemoving(true)} tipAlign="end" />
      </div>
      {deliveries.totalCount > 0 && (
        <details className="mt-2" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
          <summary className="cursor-pointer text-muted">
            {count(deliveries.totalCount, "delivery", "deliveries")} in the last 30 days
          </summary>
          {open && <Deliveries webhookId={id} />}
        </details>
      )}
      <Confirm
        open={removing}
        onClose={() => setRemoving(false)}
        title="Remove this webhook?"
        action="Remove"
        onConfirm={() => remove.act({ id })}
      >
        {url} is told nothing any more. Its key is gone; a new webhook has a new one.
      </Confirm>
    </li>
  )
}

"use client"

import { useQuery } from "@apollo/client/react"
import { RotateCw } from "lucide-react"
import {
  DeliveriesDocument,
  type DeliveryFieldsFragment,
  RetryDeliveryDocument,
} from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { IconButton } from "../../ui/Button.tsx"
import { classes } from "../../ui/classes.ts"
import { formatAgo, formatTime } from "../../ui/format.ts"
import { Link } from "../../ui/Link.tsx"
import { Skeleton } from "../../ui/Skeleton.tsx"
import { runHref } from "../runs/runHref.ts"
import { QueryState } from "../shell/QueryState.tsx"
import { eventNames } from "./AddWebhook.tsx"

const looks = {
  DELIVERED: { word: "delivered", dot: "bg-success" },
  WAITING: { word: "waits for another try", dot: "bg-warning" },
  GIVEN_UP: { word: "given up", dot: "bg-danger" },
} as const

/** The latest of a webhook, each with its answer; what did not arrive can be sent again. */
export function Deliveries({ webhookId }: { webhookId: string }) {
  const query = useQuery(DeliveriesDocument, { variables: { webhookId }, fetchPolicy: "cache-and-network" })
  return (
    <QueryState query={query} skeleton={<Skeleton className="mt-2 h-24" />}>
      {({ webhook }) => <DeliveryList deliveries={webhook?.deliveries.edges.map(({ node }) => node) ?? []} />}
    </QueryState>
  )
}

function DeliveryList({ deliveries }: { deliveries: readonly DeliveryFieldsFragment[] }) {
  const retry = useAct(RetryDeliveryDocument)
  return (
    <ul className="mt-2 flex flex-col gap-2">
      {deliveries.map(({ id, event, state, attempts, nextAttemptAt, status, problem, createdAt, run }) => (
        <li key={id} className="flex items-start gap-2.5">
          <span aria-hidden="true" className={classes("mt-1.5 size-2 shrink-0 rounded-full", looks[state].dot)} />
          <div className="min-w-0 flex-1">
            <p>
              {eventNames[event]}
              {run !== null && (
                <>
                  {" of "}
                  <Link href={runHref(run)} className="underline decoration-border underline-offset-2">
                    {run.name}
                  </Link>
                </>
              )}
            </p>
            <p className="text-muted text-xs">
              {[
                looks[state].word,
                status !== null && `status ${status}`,
                attempts > 1 && `${attempts} attempts`,
                nextAttemptAt !== null && `next at ${formatTime(nextAttemptAt)}`,
                formatAgo(createdAt, Date.now()),
              ]
                .filter(Boolean)
                .join(" · ")}
            </p>
            {problem !== null && <p className="break-words text-danger-soft-foreground text-xs">{problem}</p>}
          </div>
          {state !== "DELIVERED" && (
            <IconButton label="Send it again" icon={<RotateCw />} onClick={() => retry.act({ id })} tipAlign="end" />
          )}
        </li>
      ))}
    </ul>
  )
}

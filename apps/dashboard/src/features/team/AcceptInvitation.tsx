"use client"

import { useQuery } from "@apollo/client/react"
import { AcceptInvitationDocument, InvitationDocument } from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { Button, LinkButton } from "../../ui/Button.tsx"
import { EmptyState } from "../../ui/EmptyState.tsx"
import { QueryState } from "../shell/QueryState.tsx"

/** What the holder of an invitation's link sees, signed in or not. */
export function AcceptInvitation({ token }: { token: string }) {
  const query = useQuery(InvitationDocument, { variables: { token } })
  const accept = useAct(AcceptInvitationDocument)
  const next = encodeURIComponent(`/invitations/${token}`)
  const acceptNow = async () => {
    const team = await accept.act({ token })
    if (team === undefined) return
    localStorage.setItem("fjord.team", team.id)
    location.assign("/")
  }
  return (
    <QueryState query={query}>
      {({ invitation, viewer }) =>
        invitation === null ? (
          <EmptyState
            page
            title="This invitation is no longer open"
            actions={
              <LinkButton variant="primary" href="/">
                Go to the studio
              </LinkButton>
            }
          >
            It was used, taken back, or it has expired. Ask for a new link.
          </EmptyState>
        ) : (
          <div className="flex flex-col gap-4">
            <h1 className="font-semibold text-2xl tracking-tight">Join {invitation.teamName}</h1>
            <p className="text-muted">
              {invitation.invitedBy} invites you as {invitation.role.toLowerCase()}.
              {invitation.email !== null && ` The invitation is for ${invitation.email}.`}
            </p>
            {viewer === null ? (
              <div className="flex flex-wrap gap-2">
                <LinkButton variant="primary" href={`/sign-up?invitation=${encodeURIComponent(token)}`}>
                  Create an account
                </LinkButton>
                <LinkButton href={`/sign-in?next=${next}`}>I have an account</LinkButton>
              </div>
            ) : (
              <Button
                variant="primary"
                busy={accept.busy}
                reason={
                  invitation.email !== null && invitation.email.toLowerCase() !== viewer.user.email.toLowerCase()
                    ? `You are signed in as ${viewer.user.email}.`
                    : undefined
                }
                onClick={acceptNow}
              >
                Join
              </Button>
            )}
          </div>
        )
      }
    </QueryState>
  )
}

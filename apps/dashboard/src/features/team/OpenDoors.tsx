"use client"

/** What lets people in who are no members: invitations that are open, links that show one thing. */

import { X } from "lucide-react"
import type { ReactNode } from "react"
import {
  RevokeInvitationDocument,
  RevokeShareLinkDocument,
  type ShareKind,
  type TeamQuery,
} from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { IconButton } from "../../ui/Button.tsx"
import { formatTime } from "../../ui/format.ts"
import { Link } from "../../ui/Link.tsx"
import { Panel } from "../../ui/Panel.tsx"
import { roles } from "./Members.tsx"

type Team = NonNullable<TeamQuery["team"]>

const shown: Record<ShareKind, { word: string; href: (id: string) => string }> = {
  MODEL_CARD: { word: "Model card", href: (id) => `/models/${id}` },
  RUN: { word: "Run", href: (id) => `/runs/${id}` },
  BOARD: { word: "Board", href: (id) => `/generate?board=${id}` },
}

export function OpenDoors({ team }: { team: Team }) {
  const revoke = useAct(RevokeInvitationDocument, { refetch: ["Team"] })
  const unshare = useAct(RevokeShareLinkDocument, { refetch: ["Team"] })
  const links = team.shareLinks?.edges
  return (
    <>
      {team.invitations !== undefined && team.invitations.edges.length > 0 && (
        <Panel title="Open invitations" flush>
          <ul>
            {team.invitations.edges.map(({ node }) => (
              <Row
                key={node.id}
                what={node.email ?? "Whoever has the link"}
                about={`${roles.find(({ value }) => value === node.role)?.label}, invited by ${node.invitedBy.name}`}
                until={`until ${formatTime(node.expiresAt)}`}
                onRevoke={() => revoke.act({ id: node.id })}
              />
            ))}
          </ul>
        </Panel>
      )}
      {links !== undefined && (
        <Panel title="Share links" hint="Each shows one thing to whoever has the link." flush>
          {links.length === 0 && (
            <p className="px-4 pb-5 text-muted text-sm sm:px-5">
              None. Share a run, a model card or a board from its own page.
            </p>
          )}
          <ul>
            {links.map(({ node }) => (
              <Row
                key={node.id}
                what={
                  node.name === null ? (
                    <span className="text-muted">{shown[node.kind].word} that was deleted</span>
                  ) : (
                    <Link href={shown[node.kind].href(node.targetId)} className="font-medium hover:underline">
                      {node.name}
                    </Link>
                  )
                }
                about={[
                  node.name !== null && shown[node.kind].word,
                  node.createdBy && `by ${node.createdBy.name}`,
                  formatTime(node.createdAt),
                ]
                  .filter(Boolean)
                  .join(", ")}
                until={node.expiresAt === null ? "until taken back" : `until ${formatTime(node.expiresAt)}`}
                onRevoke={() => unshare.act({ id: node.id })}
              />
            ))}
          </ul>
        </Panel>
      )}
    </>
  )
}

type RowProps = { what: ReactNode; about: string; until: string; onRevoke: () => unknown }

function Row({ what, about, until, onRevoke }: RowProps) {
  return (
    <li className="flex items-center gap-4 border-separator border-t px-4 py-3 text-sm sm:px-5">
      <span className="flex min-w-0 flex-1 flex-col gap-x-2 sm:flex-row sm:items-baseline">
        <span className="truncate">{what}</span>
        <span className="min-w-0 text-muted sm:flex-1">{about}</span>
        <span className="text-muted">{until}</span>
      </span>
      <IconButton label="Take it back" icon={<X />} onClick={onRevoke} tipAlign="end" />
    </li>
  )
}

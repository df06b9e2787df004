"use client"

import { useQuery } from "@apollo/client/react"
import { Plus, UserMinus, UserPlus, X } from "lucide-react"
import { useState } from "react"
import { toast } from "sonner"
import {
  ChangeRoleDocument,
  CreateTeamDocument,
  RemoveMemberDocument,
  RevokeInvitationDocument,
  RevokeShareLinkDocument,
  type Role,
  type ShareKind,
  TeamDocument,
} from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { Button, IconButton } from "../../ui/Button.tsx"
import { Confirm } from "../../ui/Confirm.tsx"
import { formatTime } from "../../ui/format.ts"
import { Page } from "../../ui/Page.tsx"
import { Panel } from "../../ui/Panel.tsx"
import { Missing } from "../shell/Missing.tsx"
import { QueryState } from "../shell/QueryState.tsx"
import { useSession } from "../shell/Session.tsx"
import { Invite } from "./Invite.tsx"
import { NameTeam } from "./NameTeam.tsx"

export const roles = [
  { value: "OWNER", label: "Owner", hint: "administers" },
  { value: "EDITOR", label: "Editor", hint: "trains and draws" },
  { value: "VIEWER", label: "Viewer", hint: "looks" },
] as const satisfies { value: Role; label: string; hint: string }[]

const kinds: Record<ShareKind, string> = { MODEL_CARD: "Model card", RUN: "Run", BOARD: "Board" }

export function TeamPage() {
  const { team: current, role, user, switchTeam } = useSession()
  const owner = role === "OWNER"
  const query = useQuery(TeamDocument, {
    variables: { id: current.id, owner, editor: role !== "VIEWER" },
    fetchPolicy: "cache-and-network",
  })
  const [dialog, setDialog] = useState<"invite" | "rename" | "create">()
  const [leaving, setLeaving] = useState<{ id: string; name: string }>()
  const change = useAct(ChangeRoleDocument, { refetch: ["Viewer"] })
  const remove = useAct(RemoveMemberDocument, { refetch: ["Team", "Viewer"] })
  const revoke = useAct(RevokeInvitationDocument, { refetch: ["Team"] })
  const unshare = useAct(RevokeShareLinkDocument, { refetch: ["Team"] })
  const create = useAct(CreateTeamDocument, { refetch: ["Viewer"] })
  const onlyOwners = owner ? undefined : "Only owners may do this."
  return (
    <Page
      title={current.name}
      hint="People here share data sets, runs, images and models."
      actions={
        <>
          <Button onClick={() => setDialog("create")}>
            <Plus /> New team
          </Button>
          <Button reason={onlyOwners} onClick={() => setDialog("rename")}>
            Rename
          </Button>
          <Button variant="primary" reason={onlyOwners} onClick={() => setDialog("invite")}>
            <UserPlus /> Invite
          </Button>
        </>
      }
    >
      <QueryState query={query}>
        {({ team }) =>
          team === null ? (
            <Missing what="team" href="/" all="Home" />
          ) : (
            <>
              <Panel title="Members" flush>
                <ul>
                  {team.members.edges.map(({ node }) => (
                    <li
                      key={node.id}
                      className="flex flex-wrap items-center gap-x-4 gap-y-2 border-separator border-t px-5 py-3"
                    >
                      <span
                        aria-hidden="true"
                        className="grid size-9 place-items-center rounded-full bg-accent-soft font-semibold text-accent-soft-foreground"
                      >
                        {node.user.name.slice(0, 1).toUpperCase()}
                      </span>
                      <span className="min-w-0 flex-1">
                        <span className="block truncate font-medium">
                          {node.user.name}
                          {node.user.id === user.id && <span className="text-muted"> (you)</span>}
                        </span>
                        <span className="block truncate text-muted text-sm">{node.user.email}</span>
                      </span>
                      {owner ? (
                        <select
                          aria-label={`Role of ${node.user.name}`}
                          className="field w-48!"
                          value={node.role}
                          onChange={(event) => {
                            const next = roles.find(({ value }) => value === event.target.value)
                            if (next !== undefined) void change.act({ memberId: node.id, role: next.value })
                          }}
                        >
                          {roles.map(({ value, label, hint }) => (
                            <option key={value} value={value}>
                              {label}: {hint}
                            </option>
                          ))}
                        </select>
                      ) : (
                        <span className="text-muted text-sm">
                          {roles.find(({ value }) => value === node.role)?.label}
                        </span>
                      )}
                      {(owner || node.user.id === user.id) && (
                        <IconButton
                          label={node.user.id === user.id ? "Leave the team" : `Remove ${node.user.name}`}
                          icon={<UserMinus />}
                          onClick={() => setLeaving({ id: node.id, name: node.user.name })}
                          tipAlign="end"
                        />
                      )}
                    </li>
                  ))}
                </ul>
              </Panel>
              {team.invitations !== undefined && team.invitations.edges.length > 0 && (
                <Panel title="Open invitations" flush>
                  <ul>
                    {team.invitations.edges.map(({ node }) => (
                      <li key={node.id} className="flex items-center gap-4 border-separator border-t px-5 py-3 text-sm">
                        <span className="min-w-0 flex-1 truncate">{node.email ?? "Whoever has the link"}</span>
                        <span className="text-muted">
                          {roles.find(({ value }) => value === node.role)?.label}, until {formatTime(node.expiresAt)}
                        </span>
                        <IconButton
                          label="Take it back"
                          icon={<X />}
                          onClick={() => revoke.act({ id: node.id })}
                          tipAlign="end"
                        />
                      </li>
                    ))}
                  </ul>
                </Panel>
              )}
              {team.shareLinks !== undefined && (
                <Panel title="Share links" hint="Each shows one thing to whoever has the link." flush>
                  {team.shareLinks.edges.length === 0 && (
                    <p className="px-5 pb-5 text-muted text-sm">
                      None. Share a run, a model card or a board from its own page.
                    </p>
                  )}
                  <ul>
                    {team.shareLinks.edges.map(({ node }) => (
                      <li key={node.id} className="flex items-center gap-4 border-separator border-t px-5 py-3 text-sm">
                        <span className="min-w-0 flex-1 truncate">
                          {kinds[node.kind]}
                          <span className="text-muted">
                            {node.createdBy !== null && ` by ${node.createdBy.name}`}, {formatTime(node.createdAt)}
                          </span>
                        </span>
                        <span className="text-muted">
                          {node.expiresAt === null ? "until taken back" : `until ${formatTime(node.expiresAt)}`}
                        </span>
                        <IconButton
                          label="Take it back"
                          icon={<X />}
                          onClick={() => unshare.act({ id: node.id })}
                          tipAlign="end"
                        />
                      </li>
                    ))}
                  </ul>
                </Panel>
              )}
              {dialog === "invite" && <Invite teamId={team.id} onClose={() => setDialog(undefined)} />}
              {dialog === "rename" && <NameTeam team={team} onClose={() => setDialog(undefined)} />}
            </>
          )
        }
      </QueryState>
      {dialog === "create" && (
        <NameTeam
          busy={create.busy}
          onClose={() => setDialog(undefined)}
          onName={async (name) => {
            const made = await create.act({ name })
            if (made === undefined) return
            toast.success(`${made.name} is ready.`)
            switchTeam(made.id)
          }}
        />
      )}
      <Confirm
        open={leaving !== undefined}
        onClose={() => setLeaving(undefined)}
        title={`Remove ${leaving?.name ?? ""} from ${current.name}?`}
        action="Remove"
        onConfirm={() => leaving && remove.act({ memberId: leaving.id })}
      >
        What they made stays with the team. They need a new invitation to come back.
      </Confirm>
    </Page>
  )
}

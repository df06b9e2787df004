"use client"

import { KeyRound, UserMinus } from "lucide-react"
import { useState } from "react"
import { ChangeRoleDocument, RemoveMemberDocument, type Role, type TeamQuery } from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { IconButton } from "../../ui/Button.tsx"
import { Confirm } from "../../ui/Confirm.tsx"
import { Panel } from "../../ui/Panel.tsx"
import { useSession } from "../shell/Session.tsx"
import { ResetLink } from "./ResetLink.tsx"

export const roles = [
  { value: "OWNER", label: "Owner", hint: "administers" },
  { value: "EDITOR", label: "Editor", hint: "trains and draws" },
  { value: "VIEWER", label: "Viewer", hint: "looks" },
] as const satisfies { value: Role; label: string; hint: string }[]

type Members = NonNullable<TeamQuery["team"]>["members"]["edges"]

export function Members({ members }: { members: Members }) {
  const { team, role, user } = useSession()
  const owner = role === "OWNER"
  const [leaving, setLeaving] = useState<{ id: string; name: string; own: boolean }>()
  const [locked, setLocked] = useState<{ id: string; name: string }>()
  const change = useAct(ChangeRoleDocument, { refetch: ["Viewer"] })
  const remove = useAct(RemoveMemberDocument, { refetch: ["Team", "Viewer"] })
  return (
    <Panel title="Members" flush>
      <ul>
        {members.map(({ node }) => {
          const own = node.user.id === user.id
          return (
            <li
              key={node.id}
              className="flex flex-wrap items-center gap-x-4 gap-y-2 border-separator border-t px-4 py-3 sm:px-5"
            >
              <span
                aria-hidden="true"
                className="grid size-9 place-items-center rounded-full bg-accent-soft font-semibold text-accent-soft-foreground"
              >
                {node.user.name.slice(0, 1).toUpperCase()}
              </span>
              <span className="min-w-0 flex-1 basis-40">
                <span className="block truncate font-medium">
                  {node.user.name}
                  {own && <span className="text-muted"> (you)</span>}
                </span>
                <span className="block truncate text-muted text-sm">{node.user.email}</span>
              </span>
              {owner ? (
                <select
                  aria-label={`Role of ${node.user.name}`}
                  className="field w-52! sm:w-56!"
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
                <span className="text-muted text-sm">{roles.find(({ value }) => value === node.role)?.label}</span>
              )}
              {(owner || own) && (
                // Of one width, so that the roles stand below each other.
                <span className="flex min-w-18 justify-end gap-2">
                  {!own && (
                    <IconButton
                      label={`A new password for ${node.user.name}`}
                      icon={<KeyRound />}
                      onClick={() => setLocked({ id: node.id, name: node.user.name })}
                      tipAlign="end"
                    />
                  )}
                  <IconButton
                    label={own ? "Leave the team" : `Remove ${node.user.name}`}
                    icon={<UserMinus />}
                    onClick={() => setLeaving({ id: node.id, name: node.user.name, own })}
                    tipAlign="end"
                  />
                </span>
              )}
            </li>
          )
        })}
      </ul>
      <Confirm
        open={leaving !== undefined}
        onClose={() => setLeaving(undefined)}
        title={leaving?.own ? `Leave ${team.name}?` : `Remove ${leaving?.name ?? ""} from ${team.name}?`}
        action={leaving?.own ? "Leave" : "Remove"}
        onConfirm={() => leaving && remove.act({ memberId: leaving.id })}
      >
        {leaving?.own
          ? "What you made stays with the team. You need a new invitation to come back."
          : "What they made stays with the team. They need a new invitation to come back."}
      </Confirm>
      {locked !== undefined && <ResetLink member={locked} onClose={() => setLocked(undefined)} />}
    </Panel>
  )
}

"use client"

import { useQuery } from "@apollo/client/react"
import { Ellipsis, Pencil, Plus, Trash2, UserPlus } from "lucide-react"
import { useState } from "react"
import { CreateTeamDocument, TeamDocument } from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { Button, IconButton } from "../../ui/Button.tsx"
import { Menu } from "../../ui/Menu.tsx"
import { Page } from "../../ui/Page.tsx"
import { toast } from "../../ui/toast.ts"
import { Missing } from "../shell/Missing.tsx"
import { QueryState } from "../shell/QueryState.tsx"
import { useSession } from "../shell/Session.tsx"
import { DeleteTeam } from "./DeleteTeam.tsx"
import { Invite } from "./Invite.tsx"
import { Members } from "./Members.tsx"
import { NameTeam } from "./NameTeam.tsx"
import { OpenDoors } from "./OpenDoors.tsx"

export function TeamPage() {
  const { team: current, role, switchTeam } = useSession()
  const owner = role === "OWNER"
  const query = useQuery(TeamDocument, {
    variables: { id: current.id, owner, editor: role !== "VIEWER" },
    fetchPolicy: "cache-and-network",
  })
  const [dialog, setDialog] = useState<"invite" | "rename" | "create" | "delete">()
  const close = () => setDialog(undefined)
  const create = useAct(CreateTeamDocument, { refetch: ["Viewer"] })
  return (
    <Page
      title={current.name}
      hint="People here share data sets, runs, images and models."
      actions={
        <>
          <Button
            variant="primary"
            reason={owner ? undefined : "Only owners may invite."}
            onClick={() => setDialog("invite")}
          >
            <UserPlus /> Invite
          </Button>
          <Menu
            trigger={<IconButton label="More" icon={<Ellipsis />} variant="tertiary" size="md" tipAlign="end" />}
            entries={[
              { label: "New team", icon: <Plus />, onSelect: () => setDialog("create") },
              ...(owner
                ? ([
                    { label: "Rename", icon: <Pencil />, onSelect: () => setDialog("rename") },
                    "separator",
                    { label: "Delete the team", icon: <Trash2 />, onSelect: () => setDialog("delete"), danger: true },
                  ] as const)
                : []),
            ]}
          />
        </>
      }
    >
      <QueryState query={query}>
        {({ team }) =>
          team === null ? (
            <Missing what="team" href="/" all="Home" />
          ) : (
            <>
              <Members members={team.members.edges} />
              <OpenDoors team={team} />
              {dialog === "invite" && <Invite teamId={team.id} onClose={close} />}
              {dialog === "rename" && <NameTeam team={team} onClose={close} />}
            </>
          )
        }
      </QueryState>
      {dialog === "delete" && (
        // Everything in memory may be of the team that is gone.
        <DeleteTeam team={current} onDeleted={() => location.assign("/")} onClose={close} />
      )}
      {dialog === "create" && (
        <NameTeam
          busy={create.busy}
          onClose={close}
          onName={async (name) => {
            const made = await create.act({ name })
            if (made === undefined) return
            toast.success(`${made.name} is ready.`)
            switchTeam(made.id)
          }}
        />
      )}
    </Page>
  )
}

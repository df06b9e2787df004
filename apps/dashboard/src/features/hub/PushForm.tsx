"use client"

/** Where on the Hub something goes; says first whether an account is connected. */

import { useQuery } from "@apollo/client/react"
import { repositoryName } from "@fjord/contracts/repositoryName"
import { type FormEvent, useState } from "react"
import { HubAccountDocument } from "../../graphql/generated/graphql.ts"
import { Button, LinkButton } from "../../ui/Button.tsx"
import { SwitchField, TextField } from "../../ui/Field.tsx"
import { Modal } from "../../ui/Modal.tsx"
import { Notice } from "../../ui/Notice.tsx"
import { QueryState } from "../shell/QueryState.tsx"

type CardProblem = { level: string; field?: string | null; message: string }

type PushFormProps = {
  title: string
  name: string
  busy: boolean
  problem: string | undefined
  /** What the Hub would miss in the card; errors keep it from being published. */
  cardProblems?: readonly CardProblem[]
  onPush: (repo: string, isPrivate: boolean) => void
  onClose: () => void
}

const isError = ({ level }: CardProblem) => level === "error"

export function PushForm({ title, name, busy, problem, cardProblems = [], onPush, onClose }: PushFormProps) {
  const query = useQuery(HubAccountDocument)
  return (
    <Modal open onClose={onClose} title={title}>
      <QueryState query={query}>
        {({ hubAccount }) =>
          hubAccount === null ? (
            <Notice title="No Hub account is connected" actions={<LinkButton href="/settings">Connect it</LinkButton>}>
              Fjord needs a token of yours that may write, to publish in your name.
            </Notice>
          ) : (
            <div className="flex flex-col gap-4">
              {cardProblems.length > 0 && (
                <Notice tone={cardProblems.some(isError) ? "danger" : "warning"} title="The card">
                  <ul className="list-disc pl-4">
                    {cardProblems.map(({ field, message }) => (
                      <li key={`${field} ${message}`}>
                        {field && <code>{field}</code>} {message}
                      </li>
                    ))}
                  </ul>
                </Notice>
              )}
              <Destination
                user={hubAccount.hubUser}
                name={name}
                busy={busy}
                problem={problem}
                reason={cardProblems.some(isError) ? "Mend the card first; the Hub would refuse it." : undefined}
                onPush={onPush}
              />
            </div>
          )
        }
      </QueryState>
    </Modal>
  )
}

function Destination({
  user,
  name,
  busy,
  problem,
  reason,
  onPush,
}: Omit<PushFormProps, "title" | "onClose" | "cardProblems"> & { user: string; reason: string | undefined }) {
  const [repo, setRepo] = useState(`${user}/${repositoryName(name)}`)
  const [isPrivate, setPrivate] = useState(true)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (reason === undefined) onPush(repo.trim(), isPrivate)
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <TextField
        label="Repository"
        value={repo}
        onChange={(event) => setRepo(event.target.value)}
        error={problem}
        hint="It is made if it does not exist."
      />
      <SwitchField
        label="Private"
        hint="Only you and your organisation see it; you can change that on the Hub later."
        checked={isPrivate}
        onChange={setPrivate}
      />
      <Button type="submit" variant="primary" busy={busy} reason={reason} className="self-end">
        {isPrivate ? "Push privately" : "Publish"}
      </Button>
    </form>
  )
}

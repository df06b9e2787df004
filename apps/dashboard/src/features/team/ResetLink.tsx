"use client"

import { useState } from "react"
import { CreateResetLinkDocument } from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { Button } from "../../ui/Button.tsx"
import { CopyLink } from "../../ui/CopyLink.tsx"
import { Modal } from "../../ui/Modal.tsx"
import { Notice } from "../../ui/Notice.tsx"
import { WithCode } from "../../ui/WithCode.tsx"

type ResetLinkProps = { member: { id: string; name: string }; onClose: () => void }

/** Makes a link by which a member who forgot the password sets a new one. */
export function ResetLink({ member, onClose }: ResetLinkProps) {
  const [url, setUrl] = useState<string>()
  const create = useAct(CreateResetLinkDocument, { quiet: true })
  const make = async () => {
    const made = await create.act({ memberId: member.id })
    if (made !== undefined) setUrl(made.url)
  }
  return (
    <Modal
      open
      onClose={onClose}
      title={`A new password for ${member.name}`}
      hint="You get a link to send, by which they choose one; it works once, for a day, and replaces an earlier one."
    >
      {url === undefined ? (
        <div className="flex flex-col gap-4">
          <p className="text-muted text-sm">
            When the password is set, {member.name} is signed out everywhere, and their account at the Hugging Face Hub
            is disconnected.
          </p>
          {create.refusal !== undefined && (
            <Notice tone="danger">
              <WithCode>{create.refusal.message}</WithCode>
            </Notice>
          )}
          <Button variant="primary" busy={create.busy} onClick={make} className="self-end">
            Make a link
          </Button>
        </div>
      ) : (
        <CopyLink url={url} label="Send this link" />
      )}
    </Modal>
  )
}

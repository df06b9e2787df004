"use client"

import { Copy, Link2 } from "lucide-react"
import { useState } from "react"
import { CreateShareLinkDocument, type ShareKind } from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { Button } from "../../ui/Button.tsx"
import { CopyLink } from "../../ui/CopyLink.tsx"
import { copyText } from "../../ui/copyText.ts"
import { SelectField } from "../../ui/Field.tsx"
import { Modal } from "../../ui/Modal.tsx"
import { useSession } from "../shell/Session.tsx"

type ShareDialogProps = { kind: ShareKind; targetId: string; name: string; onClose: () => void }

const terms = [
  { value: "7", label: "A week" },
  { value: "30", label: "A month" },
  { value: "", label: "Until it is taken back" },
]
const dayMs = 86_400_000

/** A link that shows exactly one thing, read-only, to whoever has it. */
export function ShareDialog({ kind, targetId, name, onClose }: ShareDialogProps) {
  const { readOnly } = useSession()
  const [days, setDays] = useState("30")
  const [url, setUrl] = useState<string>()
  const create = useAct(CreateShareLinkDocument)
  const make = async () => {
    const expiresAt = days === "" ? null : new Date(Date.now() + Number(days) * dayMs).toISOString()
    const made = await create.act({ kind, targetId, expiresAt })
    if (made !== undefined) setUrl(new URL(made.url, location.origin).href)
  }
  return (
    <Modal
      open
      onClose={onClose}
      title={`Share ${name}`}
      hint="Whoever has the link sees this one thing and can change nothing."
    >
      <div className="flex flex-col gap-5">
        {url === undefined ? (
          <div className="flex items-end gap-2">
            <SelectField
              label="Works for"
              choices={terms}
              value={days}
              onChange={(event) => setDays(event.target.value)}
              className="flex-1"
            />
            <Button variant="primary" busy={create.busy} reason={readOnly} onClick={make}>
              <Link2 /> Make a link
            </Button>
          </div>
        ) : (
          <CopyLink url={url} label="Link" hint="Shown once; links can be taken back under Team." />
        )}
        <div className="flex items-center justify-between gap-3 border-separator border-t pt-4 text-sm">
          <p className="text-muted">Teammates need no link: the page's own address opens it for them.</p>
          <Button size="sm" onClick={() => void copyText(location.href)}>
            <Copy /> Address
          </Button>
        </div>
      </div>
    </Modal>
  )
}

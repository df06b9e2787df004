"use client"

import { useRouter } from "next/navigation"
import { type FormEvent, useState } from "react"
import { PullDatasetDocument } from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { Button } from "../../ui/Button.tsx"
import { TextField } from "../../ui/Field.tsx"
import { useSession } from "../shell/Session.tsx"

/** Fetches a data set of the Hub as a run of its own, so that it may take its time. */
export function PullDataset({ onStarted }: { onStarted: () => void }) {
  const { team } = useSession()
  const router = useRouter()
  const [hubId, setHubId] = useState("")
  const pull = useAct(PullDatasetDocument, { quiet: true })
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const transfer = await pull.act({ teamId: team.id, hubId: hubId.trim(), split: "train" })
    if (transfer === undefined) return
    onStarted()
    router.push(`/transfers/${transfer.id}`)
  }
  return (
    <form onSubmit={submit} className="flex items-end gap-2">
      <TextField
        label="Fetch from the Hugging Face Hub"
        value={hubId}
        onChange={(event) => setHubId(event.target.value)}
        placeholder="diffusers/dog-example"
        error={pull.refusal?.message}
        className="flex-1"
      />
      <Button
        type="submit"
        busy={pull.busy}
        reason={/^[\w.-]+\/[\w.-]+$/.test(hubId.trim()) ? undefined : "Write owner/name, as in the Hub's address."}
      >
        Fetch
      </Button>
    </form>
  )
}

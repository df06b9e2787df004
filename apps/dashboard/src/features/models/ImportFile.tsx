"use client"

/** A checkpoint, a LoRA or an embedding from a file of the person's machine. */

import { useQuery } from "@apollo/client/react"
import { useRouter } from "next/navigation"
import { type FormEvent, useState } from "react"
import {
  BaseModelNamesDocument,
  ImportFileDocument,
  RequestModelUploadDocument,
} from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { Button } from "../../ui/Button.tsx"
import { SelectField, TextField } from "../../ui/Field.tsx"
import { Modal } from "../../ui/Modal.tsx"
import { ProgressBar } from "../../ui/ProgressBar.tsx"
import { sendFile } from "../datasets/uploadQueue.ts"
import { QueryState } from "../shell/QueryState.tsx"
import { useSession } from "../shell/Session.tsx"

export function ImportFile({ onClose }: { onClose: () => void }) {
  const { team } = useSession()
  const query = useQuery(BaseModelNamesDocument, { variables: { teamId: team.id } })
  return (
    <Modal open onClose={onClose} title="Import a file">
      <QueryState query={query}>
        {({ baseModels }) => <ImportForm bases={baseModels.edges.map(({ node }) => node)} />}
      </QueryState>
    </Modal>
  )
}

function ImportForm({ bases }: { bases: readonly { id: string; name: string }[] }) {
  const { team } = useSession()
  const router = useRouter()
  const [file, setFile] = useState<File>()
  const [base, setBase] = useState(bases[0]?.id ?? "")
  const [sent, setSent] = useState<number>()
  const [problem, setProblem] = useState<string>()
  const request = useAct(RequestModelUploadDocument, { quiet: true })
  const start = useAct(ImportFileDocument, { quiet: true })
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (file === undefined) return
    setProblem(undefined)
    const address = await request.act({ teamId: team.id, file: { name: file.name, byteSize: file.size } })
    if (address === undefined) return
    setSent(0)
    const answer = await sendFile(file, address.url, setSent)
    setSent(undefined)
    if (!answer.stored) return setProblem(answer.problem)
    // A checkpoint brings its own weights and settings and lacks a tokenizer only; the others are made for a model.
    const goesWith = answer.contents?.kind === "checkpoint" ? { tokenizerOf: base } : { baseModelId: base }
    const transfer = await start.act({ uploadId: address.uploadId, ...(base !== "" && goesWith) })
    if (transfer !== undefined) router.push(`/transfers/${transfer.id}`)
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <TextField
        label="File"
        type="file"
        accept=".safetensors"
        onChange={({ target }) => setFile(target.files?.[0])}
        error={problem ?? request.refusal?.message ?? start.refusal?.message}
        hint="A .safetensors file: a checkpoint of Stable Diffusion, a LoRA of any kind, or a textual-inversion embedding."
      />
      <SelectField
        label="Goes with"
        choices={[...bases.map(({ id, name }) => ({ value: id, label: name })), { value: "", label: "None of these" }]}
        value={base}
        onChange={({ target }) => setBase(target.value)}
        hint="The base model that a LoRA or an embedding is for; a checkpoint takes its tokenizer, which no single file has."
      />
      {sent !== undefined && <ProgressBar label="Sending" value={sent} />}
      <Button
        type="submit"
        variant="primary"
        busy={request.busy || sent !== undefined || start.busy}
        reason={file === undefined ? "Choose a file." : undefined}
        className="self-end"
      >
        Import
      </Button>
    </form>
  )
}

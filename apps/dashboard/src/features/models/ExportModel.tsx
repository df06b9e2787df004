"use client"

/** A model in another program's form; a LoRA also merged into its base model, which makes a new model. */

import { useRouter } from "next/navigation"
import { type FormEvent, useState } from "react"
import { ExportModelDocument, MergeLorasDocument } from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { Button } from "../../ui/Button.tsx"
import { SelectField, TextField } from "../../ui/Field.tsx"
import { Modal } from "../../ui/Modal.tsx"
import { useSession } from "../shell/Session.tsx"
import type { ModelDetail } from "./ModelPage.tsx"

const pipelineForms = [
  { value: "SINGLE_FILE", label: "One file, for A1111 and ComfyUI" },
  { value: "FP16", label: "Folder in half precision, half the size" },
  { value: "ONNX", label: "ONNX, for Optimum" },
] as const
const merged = { value: "MERGED", label: "Merged into its base model, as a new model" } as const
const loraForms = [
  { value: "KOHYA", label: "kohya, for A1111 and ComfyUI" },
  { value: "DIFFUSERS", label: "diffusers" },
  { value: "PEFT", label: "PEFT" },
] as const

export function ExportModel({ model, onClose }: { model: ModelDetail; onClose: () => void }) {
  const { team } = useSession()
  const router = useRouter()
  const choices =
    model.kind === "LORA" ? [...loraForms, ...(model.baseModel === null ? [] : [merged])] : [...pipelineForms]
  const [form, setForm] = useState(choices[0]?.value ?? "SINGLE_FILE")
  const [name, setName] = useState(`${model.name.slice(0, 90)} merged`)
  const exportModel = useAct(ExportModelDocument, { quiet: true })
  const mergeLoras = useAct(MergeLorasDocument, { quiet: true })
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const teamId = team.id
    const transfer =
      form === "MERGED"
        ? await mergeLoras.act({
            teamId,
            name,
            baseModelId: model.baseModel?.id ?? null,
            loras: [{ modelId: model.id, weight: 1 }],
          })
        : await exportModel.act({ teamId, modelId: model.id, form })
    if (transfer !== undefined) router.push(`/transfers/${transfer.id}`)
  }
  return (
    <Modal open onClose={onClose} title={`Export ${model.name}`}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <SelectField
          label="Form"
          choices={choices}
          value={form}
          onChange={({ target }) => setForm(choices.find(({ value }) => value === target.value)?.value ?? form)}
          error={exportModel.refusal?.message}
          hint={
            form === "MERGED"
              ? "A worker makes it; then it stands among the models."
              : "A worker writes it; then it is there to be downloaded."
          }
        />
        {form === "MERGED" && (
          <TextField
            label="Name of the new model"
            value={name}
            maxLength={100}
            onChange={({ target }) => setName(target.value)}
            error={mergeLoras.refusal?.message}
          />
        )}
        <Button type="submit" variant="primary" busy={exportModel.busy || mergeLoras.busy} className="self-end">
          {form === "MERGED" ? "Merge" : "Export"}
        </Button>
      </form>
    </Modal>
  )
}

"use client"

import { DownloadCloud, Trash2 } from "lucide-react"
import { useRouter } from "next/navigation"
import { type FormEvent, useState } from "react"
import {
  AddBaseModelDocument,
  type BaseModelFieldsFragment,
  type BaseModelSource,
  DeleteBaseModelDocument,
  ImportModelDocument,
} from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { Button, IconButton } from "../../ui/Button.tsx"
import { Confirm } from "../../ui/Confirm.tsx"
import { SelectField, TextField } from "../../ui/Field.tsx"
import { formatBytes } from "../../ui/format.ts"
import { Link } from "../../ui/Link.tsx"
import { Panel } from "../../ui/Panel.tsx"
import { useSession } from "../shell/Session.tsx"

const sources = [
  { value: "HUB", label: "From the Hub", example: "stable-diffusion-v1-5/stable-diffusion-v1-5" },
  { value: "FOLDER", label: "A folder or file", example: "/models/sd15" },
  { value: "STARTER", label: "The starter model", example: "starter" },
] as const satisfies { value: BaseModelSource; label: string; example: string }[]

export function BaseModels({ models }: { models: readonly BaseModelFieldsFragment[] }) {
  const { team, readOnly } = useSession()
  const router = useRouter()
  const [source, setSource] = useState<(typeof sources)[number]>(sources[0])
  const [location, setLocation] = useState("")
  const [removing, setRemoving] = useState<BaseModelFieldsFragment>()
  const add = useAct(AddBaseModelDocument, { quiet: true, refetch: ["Settings"] })
  const remove = useAct(DeleteBaseModelDocument, { refetch: ["Settings"] })
  const fetchFiles = useAct(ImportModelDocument)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const place = source.value === "STARTER" ? "starter" : location.trim()
    if ((await add.act({ teamId: team.id, source: source.value, location: place })) !== undefined) setLocation("")
  }
  const importNow = async (baseModelId: string) => {
    const transfer = await fetchFiles.act({ baseModelId })
    if (transfer !== undefined) router.push(`/transfers/${transfer.id}`)
  }
  return (
    <div id="base-models" className="scroll-mt-6">
      <Panel title="Base models" hint="What runs start from: Stable Diffusion 1.x and 2.x in diffusers' layout." flush>
        <ul>
          {models.map((model) => (
            <li key={model.id} className="flex items-start gap-3 border-separator border-t px-4 py-3 sm:px-5">
              <div className="min-w-0 flex-1">
                <Link href={`/base-models/${model.id}`} className="block truncate font-medium hover:underline">
                  {model.name}
                </Link>
                <p className="truncate text-muted text-sm">
                  {[
                    model.location,
                    model.family !== model.location && model.family,
                    model.resolution && `${model.resolution} px`,
                    model.byteSize && formatBytes(model.byteSize),
                    model.licence,
                  ]
                    .filter(Boolean)
                    .join(" · ")}
                </p>
                {model.problem !== null && <p className="text-sm text-warning-soft-foreground">{model.problem}</p>}
              </div>
              {!model.ready && model.source === "HUB" && (
                <Button size="sm" reason={readOnly} busy={fetchFiles.busy} onClick={() => importNow(model.id)}>
                  <DownloadCloud /> Fetch
                </Button>
              )}
              {readOnly === undefined && (
                <IconButton
                  label={`Remove ${model.name}`}
                  icon={<Trash2 />}
                  onClick={() => setRemoving(model)}
                  tipAlign="end"
                />
              )}
            </li>
          ))}
        </ul>
        <form onSubmit={submit} className="flex flex-wrap items-end gap-3 border-separator border-t px-4 py-4 sm:px-5">
          <SelectField
            label="Add"
            className="w-44"
            choices={sources}
            value={source.value}
            onChange={(event) => setSource(sources.find(({ value }) => value === event.target.value) ?? sources[0])}
          />
          {source.value !== "STARTER" && (
            <TextField
              label={source.value === "HUB" ? "Hub id" : "Path on the worker's machine"}
              value={location}
              placeholder={source.example}
              onChange={(event) => setLocation(event.target.value)}
              error={add.refusal?.message}
              className="min-w-48 flex-1"
            />
          )}
          <Button
            type="submit"
            variant="secondary"
            busy={add.busy}
            reason={readOnly ?? (source.value !== "STARTER" && location.trim() === "" ? "Say where it is." : undefined)}
          >
            Add
          </Button>
        </form>
      </Panel>
      <Confirm
        open={removing !== undefined}
        onClose={() => setRemoving(undefined)}
        title={`Remove ${removing?.name ?? ""}?`}
        action="Remove"
        onConfirm={() => removing && remove.act({ id: removing.id })}
      >
        LoRAs that were trained on it cannot draw without it. Its files stay where they are.
      </Confirm>
    </div>
  )
}

"use client"

/** What draws: something trained here, a checkpoint that was asked for, or a base model alone. */

import { useId } from "react"
import { LinkButton } from "../../ui/Button.tsx"
import type { CheckpointSource, FormData } from "./GeneratePage.tsx"
import type { GenerationDraft, Source } from "./generation.ts"

type SourcePickerProps = {
  data: FormData
  checkpoint: CheckpointSource | undefined
  draft: GenerationDraft
  onChange: (change: (draft: GenerationDraft) => GenerationDraft) => void
}

const keyOf = ({ kind, id }: Source) => `${kind}:${id}`

export function SourcePicker({ data, checkpoint, draft, onChange }: SourcePickerProps) {
  const id = useId()
  const models = data.models.edges.map(({ node }) => node)
  const bases = data.baseModels.edges.map(({ node }) => node)
  const choose = (key: string) => {
    const [kind, chosen = ""] = key.split(":")
    if (kind === "baseModel" || kind === "model" || kind === "checkpoint")
      onChange((now) => ({ ...now, source: { kind, id: chosen } }))
  }
  const problem =
    draft.source?.kind === "baseModel" ? bases.find((base) => base.id === draft.source?.id)?.problem : undefined
  if (models.length === 0 && bases.length === 0 && checkpoint === undefined)
    return (
      <p className="text-sm">
        There is no model yet.{" "}
        <LinkButton href="/runs/new" size="sm">
          Train one
        </LinkButton>{" "}
        or{" "}
        <LinkButton href="/settings#base-models" size="sm">
          add a base model
        </LinkButton>
      </p>
    )
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="font-medium text-sm">
        Model
      </label>
      <select
        id={id}
        className="field"
        value={draft.source === undefined ? "" : keyOf(draft.source)}
        onChange={(event) => choose(event.target.value)}
      >
        {draft.source === undefined && <option value="">Choose a model</option>}
        {checkpoint !== undefined && (
          <optgroup label={`Checkpoints of ${checkpoint.run.name}`}>
            {checkpoint.run.checkpoints.map((one) => (
              <option key={one.id} value={`checkpoint:${one.id}`}>
                {checkpoint.run.name}, step {one.step}
              </option>
            ))}
          </optgroup>
        )}
        {models.length > 0 && (
          <optgroup label="Trained here">
            {models.map((model) => (
              <option key={model.id} value={`model:${model.id}`}>
                {model.name}
              </option>
            ))}
          </optgroup>
        )}
        <optgroup label="Base models">
          {bases.map((base) => (
            <option key={base.id} value={`baseModel:${base.id}`}>
              {base.name}
              {base.ready ? "" : " (not ready)"}
            </option>
          ))}
        </optgroup>
      </select>
      {problem !== undefined && problem !== null && <p className="text-warning-soft-foreground text-xs">{problem}</p>}
    </div>
  )
}

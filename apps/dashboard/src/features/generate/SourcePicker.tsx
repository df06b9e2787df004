"use client"

/** What draws: something trained here, one of its checkpoints, or a base model alone. */

import { useId } from "react"
import { LinkButton } from "../../ui/Button.tsx"
import type { FormData } from "./GeneratePage.tsx"
import type { ChangeDraft, GenerationDraft, Source } from "./generation.ts"
import type { SourceRun } from "./useSource.ts"

type SourcePickerProps = {
  data: FormData
  /** The run behind the chosen model or checkpoint. */
  run: SourceRun | undefined
  draft: GenerationDraft
  onChange: ChangeDraft
}

const keyOf = ({ kind, id }: Source) => `${kind}:${id}`

export function SourcePicker({ data, run, draft, onChange }: SourcePickerProps) {
  const id = useId()
  // An embedding adds a word to a model and draws nothing by itself.
  const models = data.models.edges.map(({ node }) => node).filter(({ kind }) => kind !== "EMBEDDING")
  const bases = data.baseModels.edges.map(({ node }) => node)
  const choose = (key: string) => {
    const [kind, chosen = ""] = key.split(":")
    if (kind === "baseModel" || kind === "model") onChange((now) => ({ ...now, source: { kind, id: chosen } }))
    if (kind === "checkpoint" && run !== undefined)
      onChange((now) => ({ ...now, source: { kind, id: chosen, runId: run.id } }))
  }
  const listed = ({ kind, id: chosen }: Source) =>
    (kind === "baseModel" ? bases : kind === "model" ? models : (run?.checkpoints ?? [])).some(
      (one) => one.id === chosen,
    )
  const problem =
    draft.source?.kind === "baseModel" ? bases.find((base) => base.id === draft.source?.id)?.problem : undefined
  if (models.length === 0 && bases.length === 0 && run === undefined)
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
        {draft.source !== undefined && !listed(draft.source) && (
          <option value={keyOf(draft.source)}>
            {draft.source.kind === "checkpoint" ? "A checkpoint" : "A model that is gone"}
          </option>
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
        {run !== undefined && run.checkpoints.length > 0 && (
          <optgroup label={`Checkpoints of ${run.name}`}>
            {run.checkpoints.map((one) => (
              <option key={one.id} value={`checkpoint:${one.id}`}>
                {run.name}, step {one.step}
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

"use client"

import { SelectField, TextArea, TextField } from "../../ui/Field.tsx"
import { ToggleChips } from "../../ui/ToggleChips.tsx"
import { type AxisDraft, type AxisKind, firstAxis } from "./gridPlan.ts"

type AxisFieldsProps = {
  /** Columns or rows. */
  title: string
  kinds: readonly AxisKind[]
  draft: AxisDraft | undefined
  onChange: (draft: AxisDraft | undefined) => void
  /** A grid may have one row. */
  optional?: boolean
}

export function AxisFields({ title, kinds, draft, onChange, optional }: AxisFieldsProps) {
  const kind = kinds.find(({ name }) => name === draft?.name)
  const choose = (name: string) => {
    const next = kinds.find((one) => one.name === name)
    onChange(next && firstAxis(next))
  }
  return (
    <fieldset className="flex flex-col gap-2">
      <SelectField
        label={title}
        value={kind?.name ?? ""}
        choices={[
          ...(optional ? [{ value: "", label: "none" }] : []),
          ...kinds.map(({ name, label }) => ({ value: name, label })),
        ]}
        onChange={(event) => choose(event.target.value)}
      />
      {kind !== undefined && draft !== undefined && (
        <Values title={title} kind={kind} draft={draft} onChange={onChange} />
      )}
    </fieldset>
  )
}

type ValuesProps = { title: string; kind: AxisKind; draft: AxisDraft; onChange: (draft: AxisDraft) => void }

function Values({ title, kind, draft, onChange }: ValuesProps) {
  const label = `${kind.label} of the ${title.toLowerCase()}`
  switch (kind.reads) {
    case "numbers":
      return (
        <TextField
          label={label}
          hideLabel
          value={draft.text}
          onChange={(event) => onChange({ ...draft, text: event.target.value })}
          hint="With commas; 20-40/10 means 20, 30, 40."
        />
      )
    case "lines":
      return (
        <TextArea
          label={label}
          hideLabel
          rows={3}
          value={draft.text}
          onChange={(event) => onChange({ ...draft, text: event.target.value })}
          hint="One per line."
        />
      )
    case "choices":
      return (
        <ToggleChips
          label={label}
          choices={kind.choices}
          chosen={draft.chosen}
          onChange={(chosen) => onChange({ ...draft, chosen })}
        />
      )
  }
}

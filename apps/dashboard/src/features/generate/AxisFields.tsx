"use client"

import { Check } from "lucide-react"
import { classes } from "../../ui/classes.ts"
import { SelectField, TextArea, TextField } from "../../ui/Field.tsx"
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
        <ul aria-label={label} className="flex max-h-40 flex-wrap gap-1.5 overflow-y-auto p-0.5">
          {kind.choices.map((choice) => {
            const chosen = draft.chosen.includes(choice.value)
            return (
              <li key={choice.value}>
                <button
                  type="button"
                  aria-pressed={chosen}
                  onClick={() =>
                    onChange({
                      ...draft,
                      chosen: chosen
                        ? draft.chosen.filter((value) => value !== choice.value)
                        : [...draft.chosen, choice.value],
                    })
                  }
                  className={classes(
                    "inline-flex items-center gap-1.5 rounded-lg border px-2.5 py-1 text-sm [&>svg]:size-3.5",
                    chosen
                      ? "border-accent bg-accent-soft text-accent-soft-foreground"
                      : "border-border text-muted hover:text-foreground",
                  )}
                >
                  {chosen && <Check aria-hidden="true" />}
                  {choice.label}
                </button>
              </li>
            )
          })}
        </ul>
      )
  }
}

"use client"

/** One option as a field of its kind; empty means the default, and the reason for the default is the hint. */

import { type ReactNode, useState } from "react"
import type { OptionFieldsFragment } from "../../graphql/generated/graphql.ts"
import { SelectField, SwitchField, TextArea, TextField } from "../../ui/Field.tsx"
import { WithCode } from "../../ui/WithCode.tsx"
import { choiceName } from "./choiceName.ts"
import { readNumber, readsAs, writeNumber } from "./readOption.ts"

type OptionFieldProps = {
  option: OptionFieldsFragment
  value: unknown
  onChange: (value: unknown) => void
  /** Whether a person set it; told where `value` is also a suggestion. */
  changed?: boolean
  label?: string
  hint?: string
}

export function OptionField({
  option,
  value,
  onChange,
  changed = value !== undefined,
  label = option.label,
  hint: note = option.description,
}: OptionFieldProps) {
  const hint = note === "" ? "" : <WithCode>{note}</WithCode>
  const aside = changed ? "changed" : undefined
  switch (readsAs(option.kind)) {
    case "boolean":
      return (
        <SwitchField
          label={label}
          hint={hint}
          checked={value === undefined ? option.default === true : value === true}
          onChange={(next) => onChange(next === (option.default === true) ? undefined : next)}
        />
      )
    case "choice":
      return (
        <SelectField
          label={label}
          hint={hint}
          aside={aside}
          value={typeof value === "string" ? value : ""}
          onChange={(event) => onChange(event.target.value === "" ? undefined : event.target.value)}
          choices={[
            {
              value: "",
              label: `${typeof option.default === "string" ? choiceName(option.default) : "Automatic"} (default)`,
            },
            ...(option.choices ?? [])
              .filter((choice) => choice !== option.default)
              .map((choice) => ({ value: choice, label: choiceName(choice) })),
          ]}
        />
      )
    case "list":
      return (
        <TextArea
          label={label}
          hint={hint}
          aside={aside ?? "one per line"}
          rows={3}
          defaultValue={Array.isArray(value) ? value.join("\n") : ""}
          onBlur={(event) => {
            const lines = event.target.value
              .split("\n")
              .map((line) => line.trim())
              .filter((line) => line !== "")
            onChange(lines.length === 0 ? undefined : lines)
          }}
        />
      )
    case "number":
      return <NumberOption option={option} value={value} onChange={onChange} label={label} hint={hint} aside={aside} />
    case "text":
      return (
        <TextField
          label={label}
          hint={hint}
          aside={aside}
          value={typeof value === "string" ? value : ""}
          placeholder={typeof option.default === "string" ? option.default : ""}
          onChange={(event) => onChange(event.target.value === "" ? undefined : event.target.value)}
        />
      )
  }
}

type NumberOptionProps = Required<Omit<OptionFieldProps, "changed" | "hint">> & {
  hint: ReactNode
  aside: string | undefined
}

function NumberOption({ option, value, onChange, label, hint, aside }: NumberOptionProps) {
  const [text, setText] = useState(typeof value === "number" ? writeNumber(value) : "")
  const read = readNumber(option, text)
  // A value set from outside, by a preset or a file, replaces what was typed.
  const shown =
    "value" in read && read.value === value
      ? text
      : "problem" in read
        ? text
        : typeof value === "number"
          ? writeNumber(value)
          : ""
  return (
    <TextField
      label={label}
      hint={hint}
      aside={aside}
      error={"problem" in read ? read.problem : undefined}
      inputMode="decimal"
      placeholder={typeof option.default === "number" ? writeNumber(option.default) : "automatic"}
      value={shown}
      onChange={(event) => {
        setText(event.target.value)
        const next = readNumber(option, event.target.value)
        if ("value" in next) onChange(next.value)
      }}
    />
  )
}

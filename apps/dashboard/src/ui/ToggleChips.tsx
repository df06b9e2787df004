"use client"

/** Some of a few: each choice is a button that is in or out. */

import { Check } from "lucide-react"
import { classes } from "./classes.ts"

type ToggleChipsProps = {
  /** Said, not shown. */
  label: string
  choices: readonly { value: string; label: string }[]
  chosen: readonly string[]
  onChange: (chosen: readonly string[]) => void
}

export function ToggleChips({ label, choices, chosen, onChange }: ToggleChipsProps) {
  return (
    <ul aria-label={label} className="-m-0.5 flex max-h-40 flex-wrap gap-1.5 overflow-y-auto p-0.5">
      {choices.map(({ value, label: text }) => {
        const isIn = chosen.includes(value)
        return (
          <li key={value}>
            <button
              type="button"
              aria-pressed={isIn}
              onClick={() => onChange(isIn ? chosen.filter((one) => one !== value) : [...chosen, value])}
              className={classes(
                "inline-flex items-center gap-1.5 rounded-lg border px-2.5 py-1 text-sm [&>svg]:size-3.5",
                isIn
                  ? "border-accent bg-accent-soft text-accent-soft-foreground"
                  : "border-border text-muted hover:text-foreground",
              )}
            >
              {isIn && <Check aria-hidden="true" />}
              {text}
            </button>
          </li>
        )
      })}
    </ul>
  )
}

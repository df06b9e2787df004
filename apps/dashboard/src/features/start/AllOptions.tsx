"use client"

/** Every other option behind one door, found by its name in camelCase, in snake_case, by its group or its reason. */

import { ChevronDown } from "lucide-react"
import { useState } from "react"
import type { OptionFieldsFragment } from "../../graphql/generated/graphql.ts"
import { count } from "../../ui/format.ts"
import { SearchField } from "../../ui/SearchField.tsx"
import type { OptionValues } from "./draft.ts"
import { OptionField } from "./OptionField.tsx"

/** What the server fills in. */
const notAsked = new Set(["model", "instanceImages", "output", "classImages"])

type AllOptionsProps = {
  options: readonly OptionFieldsFragment[]
  values: OptionValues
  onChange: (name: string, value: unknown) => void
}

export function AllOptions({ options, values, onChange }: AllOptionsProps) {
  const [search, setSearch] = useState("")
  const asked = options.filter((option) => !notAsked.has(option.name))
  const changed = asked.filter((option) => values[option.name] !== undefined).length
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  const found = asked.filter((option) => {
    const text = [option.name, option.snakeName, option.label, option.group, option.description].join(" ").toLowerCase()
    return words.every((word) => text.includes(word))
  })
  const groups = Map.groupBy(found, (option) => option.group ?? "Other")
  return (
    <details className="group rounded-2xl border border-border bg-surface shadow-surface">
      <summary className="flex cursor-pointer list-none items-center gap-2 px-5 py-4 font-semibold text-[0.9375rem]">
        <ChevronDown aria-hidden="true" className="size-4 -rotate-90 transition-transform group-open:rotate-0" />
        <span className="flex-1">All options</span>
        <span className="font-normal text-muted text-sm">
          {count(asked.length, "more option")}
          {changed > 0 && `, ${changed} changed`}
        </span>
      </summary>
      <div className="flex flex-col gap-6 px-5 pb-5">
        <SearchField label="Search options, e.g. rank, snr_gamma, text encoder" value={search} onChange={setSearch} />
        {found.length === 0 && <p className="text-muted text-sm">No option matches “{search}”.</p>}
        {[...groups].map(([group, members]) => (
          <section key={group}>
            <h3 className="mb-3 font-medium text-muted text-xs uppercase tracking-wide">{group}</h3>
            <div className="grid gap-x-5 gap-y-4 sm:grid-cols-2">
              {members.map((option) => (
                <OptionField
                  key={option.name}
                  option={option}
                  value={values[option.name]}
                  onChange={(value) => onChange(option.name, value)}
                />
              ))}
            </div>
          </section>
        ))}
      </div>
    </details>
  )
}

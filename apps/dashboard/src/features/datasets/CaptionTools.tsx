"use client"

import { ChevronDown } from "lucide-react"
import { type FormEvent, useState } from "react"
import { Button } from "../../ui/Button.tsx"
import { SelectField, TextField } from "../../ui/Field.tsx"
import type { BulkChange } from "./captionEdits.ts"

type CaptionToolsProps = { scope: string; suggestion: string; onChange: (change: BulkChange) => void; busy: boolean }

const kinds = [
  { value: "prefix", label: "Put before" },
  { value: "suffix", label: "Put after" },
  { value: "replace", label: "Find and replace" },
  { value: "set", label: "Set" },
]

export function CaptionTools({ scope, suggestion, onChange, busy }: CaptionToolsProps) {
  const [kind, setKind] = useState("prefix")
  const [text, setText] = useState(suggestion)
  const [find, setFind] = useState("")
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (kind === "replace") onChange({ kind, find, replace: text, matchCase: false })
    else if (kind === "prefix" || kind === "suffix" || kind === "set") onChange({ kind, text })
  }
  const missing = kind === "replace" ? find === "" : text === ""
  return (
    <details className="group rounded-xl border border-border bg-surface">
      <summary className="flex cursor-pointer list-none items-center gap-2 px-4 py-2.5 font-medium text-sm">
        <ChevronDown aria-hidden="true" className="size-4 -rotate-90 transition-transform group-open:rotate-0" />
        Change the captions of {scope}
      </summary>
      <form onSubmit={submit} className="grid items-end gap-3 px-4 pb-4 sm:grid-cols-[11rem_1fr_auto]">
        <SelectField label="How" choices={kinds} value={kind} onChange={(event) => setKind(event.target.value)} />
        <div className="grid gap-3 sm:grid-flow-col">
          {kind === "replace" && (
            <TextField label="Find" value={find} onChange={(event) => setFind(event.target.value)} />
          )}
          <TextField
            label={kind === "replace" ? "Replace by" : "Text"}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </div>
        <Button type="submit" variant="primary" busy={busy} reason={missing ? "Write the text first." : undefined}>
          Apply
        </Button>
      </form>
    </details>
  )
}

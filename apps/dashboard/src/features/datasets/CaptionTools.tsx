"use client"

import { ChevronDown } from "lucide-react"
import { type FormEvent, useState } from "react"
import { Button } from "../../ui/Button.tsx"
import { SelectField, TextField } from "../../ui/Field.tsx"
import { count } from "../../ui/format.ts"
import { type BulkChange, bulkEdits, type CaptionEdit, type Captioned } from "./captionEdits.ts"

type CaptionToolsProps = {
  /** The pictures in words: "all 5 pictures". */
  scope: string
  images: readonly Captioned[]
  suggestion: string
  onChange: (edits: CaptionEdit[]) => void
  busy: boolean
}

const kinds = [
  { value: "prefix", label: "Put before" },
  { value: "suffix", label: "Put after" },
  { value: "replace", label: "Find and replace" },
  { value: "set", label: "Set" },
] as const satisfies { value: BulkChange["kind"]; label: string }[]

export function CaptionTools({ scope, images, suggestion, onChange, busy }: CaptionToolsProps) {
  const [kind, setKind] = useState<BulkChange["kind"]>("prefix")
  const [text, setText] = useState(suggestion)
  const [find, setFind] = useState("")
  const [matchCase, setMatchCase] = useState(false)
  const missing = kind === "replace" ? find === "" : text === ""
  const edits = missing
    ? []
    : bulkEdits(images, kind === "replace" ? { kind, find, replace: text, matchCase } : { kind, text })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (edits.length > 0) onChange(edits)
  }
  return (
    <details className="group rounded-xl border border-border bg-surface">
      <summary className="flex cursor-pointer list-none items-center gap-2 px-4 py-2.5 font-medium text-sm">
        <ChevronDown aria-hidden="true" className="size-4 -rotate-90 transition-transform group-open:rotate-0" />
        Change the captions of {scope}
      </summary>
      <form onSubmit={submit} className="grid items-end gap-3 px-4 pb-4 sm:grid-cols-[11rem_1fr_auto]">
        <SelectField
          label="How"
          choices={kinds}
          value={kind}
          onChange={(event) => setKind(kinds.find(({ value }) => value === event.target.value)?.value ?? "prefix")}
        />
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
        <Button
          type="submit"
          variant="primary"
          busy={busy}
          reason={missing ? "Write the text first." : edits.length === 0 ? "No caption changes by that." : undefined}
        >
          Apply
        </Button>
        <div className="flex flex-wrap items-center gap-x-5 gap-y-2 text-muted text-xs sm:col-span-3">
          {kind === "replace" && (
            <label className="flex items-center gap-1.5">
              <input
                type="checkbox"
                checked={matchCase}
                onChange={(event) => setMatchCase(event.target.checked)}
                className="accent-[var(--accent)]"
              />
              Match case
            </label>
          )}
          <p role="status" className="min-w-0 flex-1 truncate">
            {edits[0] === undefined
              ? missing
                ? "Says here what would change."
                : "No caption changes by that."
              : `Changes ${count(edits.length, "caption")}; the first becomes “${edits[0].caption}”`}
          </p>
        </div>
      </form>
    </details>
  )
}

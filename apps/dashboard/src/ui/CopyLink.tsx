"use client"

import { Copy } from "lucide-react"
import { Button } from "./Button.tsx"
import { copyText } from "./copyText.ts"
import { TextField } from "./Field.tsx"

/** A link that is shown this once, for somebody else: Fjord sends no mail itself. */
export function CopyLink({ url, label, hint = "" }: { url: string; label: string; hint?: string }) {
  return (
    <div className="flex items-end gap-2">
      <TextField
        label={label}
        readOnly
        value={url}
        onFocus={(event) => event.currentTarget.select()}
        className="flex-1"
        hint={hint}
      />
      <Button variant="primary" onClick={() => void copyText(url)} className={hint === "" ? "" : "mb-6.5"}>
        <Copy /> Copy
      </Button>
    </div>
  )
}

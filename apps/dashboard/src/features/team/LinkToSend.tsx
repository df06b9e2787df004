"use client"

import { Copy } from "lucide-react"
import { Button } from "../../ui/Button.tsx"
import { copyText } from "../../ui/copyText.ts"
import { TextField } from "../../ui/Field.tsx"

/** A link that is shown this once, for somebody else: Fjord sends no mail itself. */
export function LinkToSend({ url }: { url: string }) {
  return (
    <div className="flex items-end gap-2">
      <TextField
        label="Send this link"
        readOnly
        value={url}
        onFocus={(event) => event.currentTarget.select()}
        className="flex-1"
      />
      <Button variant="primary" onClick={() => void copyText(url)}>
        <Copy /> Copy
      </Button>
    </div>
  )
}

"use client"

/** What the image shows and what it does not, each with its tokens counted as the model will read them. */

import { useState } from "react"
import { Button } from "../../ui/Button.tsx"
import { TextArea } from "../../ui/Field.tsx"
import { type ChangeDraft, type GenerationDraft, textOf, withGenerationOption } from "./generation.ts"
import { useTokenCount } from "./useTokenCount.ts"

type PromptFieldsProps = { draft: GenerationDraft; onChange: ChangeDraft; baseModelId: string | undefined }

export function PromptFields({ draft, onChange, baseModelId }: PromptFieldsProps) {
  const [open, setOpen] = useState(false)
  const [prompt, negativePrompt] = [textOf(draft, "prompt"), textOf(draft, "negativePrompt")]
  const tokens = useTokenCount(prompt, baseModelId, draft.embeddings)
  const negativeTokens = useTokenCount(negativePrompt, baseModelId, draft.embeddings)
  const set = (name: string, value: string | undefined) => onChange((now) => withGenerationOption(now, name, value))
  return (
    <>
      <TextArea
        label="Prompt"
        rows={4}
        value={prompt}
        onChange={(event) => set("prompt", event.target.value)}
        placeholder="a photo of sks toy on a boat in a fjord"
        aside={tokens?.text}
        error={tokens?.problem}
      />
      {open || negativePrompt !== "" ? (
        <TextArea
          label="Without"
          rows={2}
          value={negativePrompt}
          onChange={(event) => set("negativePrompt", event.target.value === "" ? undefined : event.target.value)}
          placeholder="blurry, text"
          hint="The negative prompt: what the image shall not show."
          aside={negativeTokens?.text}
          error={negativeTokens?.problem}
          autoFocus={open && negativePrompt === ""}
        />
      ) : (
        <Button size="sm" variant="ghost" className="-mx-3 -my-1 self-start text-muted" onClick={() => setOpen(true)}>
          Say what it shall not show
        </Button>
      )}
    </>
  )
}

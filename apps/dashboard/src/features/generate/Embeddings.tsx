"use client"

/** Words that files have taught: textual inversion. Each acts only where its word stands in a prompt. */

import { X } from "lucide-react"
import { IconButton } from "../../ui/Button.tsx"
import { AddedModels } from "./AddedModels.tsx"
import type { FormData } from "./GeneratePage.tsx"
import { type ChangeDraft, type EmbeddingChoice, type GenerationDraft, isWritten, withWord } from "./generation.ts"

type EmbeddingsProps = { data: FormData; draft: GenerationDraft; onChange: ChangeDraft }

export function Embeddings({ data, draft, onChange }: EmbeddingsProps) {
  const usable = data.models.edges
    .map(({ node }) => node)
    .filter(({ id, kind }) => kind === "EMBEDDING" && !draft.embeddings.some((one) => one.id === id))
  const set = (change: (now: readonly EmbeddingChoice[]) => readonly EmbeddingChoice[]) =>
    onChange((now) => ({ ...now, embeddings: change(now.embeddings) }))
  return (
    <AddedModels
      title="Embeddings"
      hint="Words that files have taught, for a subject, a style or what to leave out."
      added={draft.embeddings.length}
      usable={usable}
      onAdd={({ id, name, instancePrompt }) => set((now) => [...now, { id, name, token: instancePrompt ?? name }])}
    >
      {draft.embeddings.map((embedding) => (
        <li key={embedding.id} className="flex items-center gap-2 text-sm">
          <span className="min-w-0 flex-1">
            <span className="block truncate">{embedding.name}</span>
            {isWritten(draft, embedding) ? (
              <span className="block truncate text-muted text-xs">Acts where “{embedding.token}” stands.</span>
            ) : (
              <button
                type="button"
                className="block max-w-full truncate text-left text-warning-soft-foreground text-xs underline underline-offset-2"
                onClick={() => onChange((now) => withWord(now, embedding))}
              >
                Write “{embedding.token}” in the prompt
              </button>
            )}
          </span>
          <IconButton
            label={`Take ${embedding.name} away`}
            icon={<X />}
            onClick={() => set((now) => now.filter((one) => one.id !== embedding.id))}
            tipAlign="end"
          />
        </li>
      ))}
    </AddedModels>
  )
}

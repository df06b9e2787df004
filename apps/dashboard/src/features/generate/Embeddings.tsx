"use client"

/** Words that files have taught: textual inversion. Each acts only where its word stands in a prompt. */

import { Layers, X } from "lucide-react"
import { Button, IconButton } from "../../ui/Button.tsx"
import { Menu } from "../../ui/Menu.tsx"
import { Panel } from "../../ui/Panel.tsx"
import type { FormData } from "./GeneratePage.tsx"
import { type ChangeDraft, type EmbeddingChoice, type GenerationDraft, isWritten, withWord } from "./generation.ts"

type EmbeddingsProps = { data: FormData; draft: GenerationDraft; onChange: ChangeDraft }

export function Embeddings({ data, draft, onChange }: EmbeddingsProps) {
  const usable = data.models.edges
    .map(({ node }) => node)
    .filter(({ id, kind }) => kind === "EMBEDDING" && !draft.embeddings.some((one) => one.id === id))
  const set = (change: (now: readonly EmbeddingChoice[]) => readonly EmbeddingChoice[]) =>
    onChange((now) => ({ ...now, embeddings: change(now.embeddings) }))
  if (usable.length === 0 && draft.embeddings.length === 0) return null
  return (
    <Panel
      title="Embeddings"
      actions={
        usable.length > 0 && (
          <Menu
            trigger={
              <Button size="sm">
                <Layers /> Add
              </Button>
            }
            entries={usable.map(({ id, name, instancePrompt }) => ({
              label: name,
              onSelect: () => set((now) => [...now, { id, name, token: instancePrompt ?? name }]),
            }))}
          />
        )
      }
    >
      {draft.embeddings.length === 0 && (
        <p className="text-muted text-sm">Words that files have taught, for a subject, a style or what to leave out.</p>
      )}
      <ul className="flex flex-col gap-3">
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
      </ul>
    </Panel>
  )
}

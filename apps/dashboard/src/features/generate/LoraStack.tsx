"use client"

/** LoRAs on top of what draws, each with its weight. */

import { X } from "lucide-react"
import { IconButton } from "../../ui/Button.tsx"
import { AddedModels } from "./AddedModels.tsx"
import type { FormData } from "./GeneratePage.tsx"
import type { ChangeDraft, GenerationDraft, LoraChoice } from "./generation.ts"

type LoraStackProps = { data: FormData; draft: GenerationDraft; onChange: ChangeDraft }

export function LoraStack({ data, draft, onChange }: LoraStackProps) {
  const usable = data.models.edges
    .map(({ node }) => node)
    .filter(
      (model) =>
        model.kind === "LORA" && model.id !== draft.source?.id && !draft.loras.some((lora) => lora.id === model.id),
    )
  const setLoras = (change: (loras: readonly LoraChoice[]) => readonly LoraChoice[]) =>
    onChange((now) => ({ ...now, loras: change(now.loras) }))
  return (
    <AddedModels
      title="LoRAs"
      hint="Put other subjects or styles on top."
      added={draft.loras.length}
      usable={usable}
      onAdd={({ id, name }) => setLoras((now) => [...now, { kind: "model", id, name, weight: 1 }])}
    >
      {draft.loras.map((lora) => (
        <li key={lora.id} className="flex items-center gap-2 text-sm">
          <span className="min-w-0 flex-1 truncate">{lora.name}</span>
          <input
            type="range"
            aria-label={`Weight of ${lora.name}`}
            min={-1}
            max={2}
            step={0.05}
            value={lora.weight}
            onChange={(event) => {
              const weight = Number(event.target.value)
              setLoras((now) => now.map((one) => (one.id === lora.id ? { ...one, weight } : one)))
            }}
            className="w-24 accent-[var(--accent)]"
          />
          <span className="w-9 text-right text-muted text-xs tabular-nums">{lora.weight.toFixed(2)}</span>
          <IconButton
            label={`Take ${lora.name} away`}
            icon={<X />}
            onClick={() => setLoras((now) => now.filter((one) => one.id !== lora.id))}
            tipAlign="end"
          />
        </li>
      ))}
    </AddedModels>
  )
}

"use client"

import { Code, Sparkles } from "lucide-react"
import { copyQuery } from "../../graphql/copyQuery.ts"
import { GenerateImagesDocument } from "../../graphql/generated/graphql.ts"
import { keyNames } from "../../shortcuts/keyNames.ts"
import { useShortcut } from "../../shortcuts/useShortcut.ts"
import { Button } from "../../ui/Button.tsx"
import { Notice } from "../../ui/Notice.tsx"
import { Panel } from "../../ui/Panel.tsx"
import { Shortcut } from "../../ui/Shortcut.tsx"
import { useSession } from "../shell/Session.tsx"
import { AllOptions } from "../start/AllOptions.tsx"
import { Embeddings } from "./Embeddings.tsx"
import type { FormData } from "./GeneratePage.tsx"
import {
  type ChangeDraft,
  drawSeed,
  type GenerationDraft,
  generationInput,
  whyNot,
  withGenerationOption,
} from "./generation.ts"
import { LoraStack } from "./LoraStack.tsx"
import { PromptFields } from "./PromptFields.tsx"
import { nearOptions, SettingsFields } from "./SettingsFields.tsx"
import { SourcePicker } from "./SourcePicker.tsx"
import { StartPicture } from "./StartPicture.tsx"
import type { SourceFacts } from "./useSource.ts"

type GenerationFormProps = {
  data: FormData
  source: SourceFacts
  draft: GenerationDraft
  onChange: ChangeDraft
  onGenerate: () => Promise<void>
  busy: boolean
  problem: string | undefined
}

const elsewhere = new Set<string>([...nearOptions, "prompt", "negativePrompt", "seed"])

export function GenerationForm({ data, source, draft, onChange, onGenerate, busy, problem }: GenerationFormProps) {
  const { team, readOnly } = useSession()
  const reason = readOnly ?? whyNot(draft)
  const generate = () => {
    if (reason === undefined && !busy) void onGenerate()
  }
  useShortcut("i", "Write the prompt", "Generate", () =>
    document.querySelector<HTMLTextAreaElement>("#prompt-form textarea")?.focus(),
  )
  useShortcut("mod+Enter", "Generate", "Generate", generate)
  return (
    <div
      id="prompt-form"
      className="flex min-w-0 flex-col gap-4 lg:sticky lg:top-5 lg:-mx-1 lg:max-h-[calc(100dvh-2.5rem)] lg:overflow-y-auto lg:px-1 lg:pb-1"
    >
      <Panel>
        <div className="flex flex-col gap-4">
          <SourcePicker data={data} run={source.run} draft={draft} onChange={onChange} />
          <PromptFields draft={draft} onChange={onChange} baseModelId={source.baseModelId} />
          {problem !== undefined && <Notice tone="danger">{problem}</Notice>}
          <Button variant="primary" size="lg" className="w-full" busy={busy} reason={reason} onClick={generate}>
            <Sparkles /> Generate
            <span className="hidden sm:inline">
              <Shortcut>{keyNames("mod+Enter").join(" ")}</Shortcut>
            </span>
          </Button>
        </div>
      </Panel>
      <Panel title="Settings">
        <SettingsFields options={source.options} draft={draft} onChange={onChange} />
      </Panel>
      <LoraStack data={data} draft={draft} onChange={onChange} />
      <Embeddings data={data} draft={draft} onChange={onChange} />
      <StartPicture draft={draft} onChange={onChange} />
      <AllOptions
        options={source.options.filter((option) => !elsewhere.has(option.name))}
        values={draft.options}
        onChange={(name, value) => onChange((now) => withGenerationOption(now, name, value))}
      />
      <div className="flex flex-wrap items-center justify-between gap-2 px-1 text-muted text-xs">
        <span>Drop a PNG anywhere to take over its settings.</span>
        <Button
          size="sm"
          variant="ghost"
          onClick={() =>
            void copyQuery(GenerateImagesDocument, { input: generationInput(draft, team.id, drawSeed(), source.suits) })
          }
        >
          <Code /> Copy as query
        </Button>
      </div>
    </div>
  )
}

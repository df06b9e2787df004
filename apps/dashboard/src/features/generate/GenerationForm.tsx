"use client"

import { Dices, ImageUp, Sparkles, X } from "lucide-react"
import { useState } from "react"
import { useShortcut } from "../../shortcuts/useShortcut.ts"
import { Button, IconButton } from "../../ui/Button.tsx"
import { SwitchField, TextArea } from "../../ui/Field.tsx"
import { Notice } from "../../ui/Notice.tsx"
import { Panel } from "../../ui/Panel.tsx"
import { Shortcut } from "../../ui/Shortcut.tsx"
import { useSession } from "../shell/Session.tsx"
import { AllOptions } from "../start/AllOptions.tsx"
import { OptionField } from "../start/OptionField.tsx"
import type { CheckpointSource, FormData } from "./GeneratePage.tsx"
import { drawSeed, type GenerationDraft, textOf, whyNot, withGenerationOption } from "./generation.ts"
import { LoraStack } from "./LoraStack.tsx"
import { SourcePicker } from "./SourcePicker.tsx"
import { useTokenCount } from "./useTokenCount.ts"

type GenerationFormProps = {
  data: FormData
  checkpoint: CheckpointSource | undefined
  draft: GenerationDraft
  onChange: (change: (draft: GenerationDraft) => GenerationDraft) => void
  onGenerate: () => Promise<void>
  busy: boolean
  problem: string | undefined
}

const near = ["width", "height", "steps", "guidanceScale", "scheduler", "numImages"] as const
const labels: Record<string, string> = {
  numImages: "Images",
  width: "Width",
  height: "Height",
  steps: "Steps",
  guidanceScale: "Guidance",
}
const elsewhere = new Set<string>([...near, "prompt", "negativePrompt", "seed"])

export function GenerationForm({ data, checkpoint, draft, onChange, onGenerate, busy, problem }: GenerationFormProps) {
  const { readOnly } = useSession()
  const [negative, setNegative] = useState(false)
  const set = (name: string) => (value: unknown) => onChange((now) => withGenerationOption(now, name, value))
  const { source } = draft
  const model = source?.kind === "model" ? data.models.edges.find(({ node }) => node.id === source.id)?.node : undefined
  const baseModelId = source?.kind === "baseModel" ? source.id : (model?.baseModel?.id ?? checkpoint?.run.baseModel?.id)
  const tokens = useTokenCount(textOf(draft, "prompt"), baseModelId)
  const options = new Map(data.generationOptions.map((option) => [option.name, option]))
  const reason = readOnly ?? whyNot(draft)
  const generate = () => {
    if (reason === undefined && !busy) void onGenerate()
  }
  useShortcut("i", "Write the prompt", "Generate", () =>
    document.querySelector<HTMLTextAreaElement>("#prompt-form textarea")?.focus(),
  )
  useShortcut("Enter", "Generate", "Generate", generate)
  const seed = draft.options.seed
  const seedOption = options.get("seed")
  return (
    <div id="prompt-form" className="flex min-w-0 flex-col gap-4 lg:sticky lg:top-5">
      <Panel>
        <div className="flex flex-col gap-4">
          <SourcePicker data={data} checkpoint={checkpoint} draft={draft} onChange={onChange} />
          <TextArea
            label="Prompt"
            rows={4}
            value={textOf(draft, "prompt")}
            onChange={(event) => set("prompt")(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) {
                event.preventDefault()
                generate()
              }
            }}
            aside={
              tokens === undefined ? undefined : `${tokens.exact ? "" : "≥ "}${tokens.count} of ${tokens.limit} tokens`
            }
            placeholder="a photo of sks toy on a boat in a fjord"
            error={
              tokens !== undefined && tokens.count > tokens.limit
                ? `Only the first ${tokens.limit} tokens are read; the end of the prompt has no effect.`
                : undefined
            }
          />
          {negative || textOf(draft, "negativePrompt") !== "" ? (
            <TextArea
              label="Without"
              rows={2}
              value={textOf(draft, "negativePrompt")}
              onChange={(event) => set("negativePrompt")(event.target.value === "" ? undefined : event.target.value)}
              placeholder="blurry, text"
              hint="What the image shall not show."
            />
          ) : (
            <Button size="sm" variant="ghost" className="self-start" onClick={() => setNegative(true)}>
              Say what it shall not show
            </Button>
          )}
          {problem !== undefined && <Notice tone="danger">{problem}</Notice>}
          <Button variant="primary" size="lg" className="w-full" busy={busy} reason={reason} onClick={generate}>
            <Sparkles /> Generate
            <span className="hidden sm:inline">
              <Shortcut>⌘↵</Shortcut>
            </span>
          </Button>
        </div>
      </Panel>
      <Panel title="Settings">
        <div className="grid grid-cols-2 gap-4">
          {near.map((name) => {
            const option = options.get(name)
            return option === undefined ? null : (
              <div key={name}>
                <OptionField
                  option={option}
                  value={draft.options[name]}
                  onChange={set(name)}
                  label={labels[name] ?? option.label}
                  hint=""
                />
              </div>
            )
          })}
          <div className="col-span-2 flex flex-col gap-3">
            <SwitchField
              label="A new seed each time"
              hint={
                draft.randomSeed
                  ? "Every press draws something else."
                  : "The same seed and settings draw the same image."
              }
              checked={draft.randomSeed}
              onChange={(randomSeed) =>
                onChange((now) => ({
                  ...now,
                  randomSeed,
                  ...(randomSeed || typeof seed === "number" ? {} : { options: { ...now.options, seed: drawSeed() } }),
                }))
              }
            />
            {!draft.randomSeed && seedOption !== undefined && (
              <div className="flex items-end gap-2">
                <div className="flex-1">
                  <OptionField option={seedOption} value={seed} onChange={set("seed")} hint="" />
                </div>
                <IconButton
                  label="Draw another seed"
                  icon={<Dices />}
                  size="md"
                  onClick={() => set("seed")(drawSeed())}
                  tipAlign="end"
                />
              </div>
            )}
          </div>
        </div>
      </Panel>
      <LoraStack data={data} draft={draft} onChange={onChange} />
      {draft.startImage !== undefined && (
        <Panel
          title="Start from this image"
          actions={
            <IconButton
              label="Start from noise"
              icon={<X />}
              onClick={() => onChange((now) => ({ ...now, startImage: undefined }))}
              tipAlign="end"
            />
          }
        >
          <div className="flex items-center gap-4">
            <img src={draft.startImage.url} alt="The start" className="size-20 rounded-lg object-cover" />
            <label className="flex flex-1 flex-col gap-1 text-sm">
              <span className="flex justify-between">
                Strength <span className="text-muted tabular-nums">{draft.startImage.strength.toFixed(2)}</span>
              </span>
              <input
                type="range"
                min={0.05}
                max={1}
                step={0.05}
                value={draft.startImage.strength}
                onChange={(event) => {
                  const strength = Number(event.target.value)
                  onChange((now) =>
                    now.startImage === undefined ? now : { ...now, startImage: { ...now.startImage, strength } },
                  )
                }}
                className="accent-[var(--accent)]"
              />
              <span className="text-muted text-xs">At 1 nothing of it is kept.</span>
            </label>
          </div>
        </Panel>
      )}
      {draft.startImage === undefined && (
        <p className="flex items-center gap-2 px-1 text-muted text-xs">
          <ImageUp aria-hidden="true" className="size-4 shrink-0" /> Drop a PNG anywhere to take over its settings.
        </p>
      )}
      <AllOptions
        options={data.generationOptions.filter((option) => !elsewhere.has(option.name))}
        values={draft.options}
        onChange={(name, value) => set(name)(value)}
      />
    </div>
  )
}

"use client"

/** The settings that people change most, and whether the seed is new each time. */

import type { OptionFieldsFragment } from "../../graphql/generated/graphql.ts"
import { SwitchField } from "../../ui/Field.tsx"
import { OptionField } from "../start/OptionField.tsx"
import { type ChangeDraft, drawSeed, type GenerationDraft, withGenerationOption } from "./generation.ts"

/** In the order of the form; the rest is behind "All options". */
export const nearOptions = ["width", "height", "steps", "guidanceScale", "scheduler", "numImages"] as const

/** Of six columns; names of schedulers are long, counts are short. */
const spans: Record<(typeof nearOptions)[number], string> = {
  width: "col-span-3",
  height: "col-span-3",
  steps: "col-span-3",
  guidanceScale: "col-span-3",
  numImages: "col-span-3",
  scheduler: "col-span-6",
}

const labels: Record<string, string> = { numImages: "Images", guidanceScale: "Guidance" }

type SettingsFieldsProps = {
  options: readonly OptionFieldsFragment[]
  draft: GenerationDraft
  onChange: ChangeDraft
  /** Options that are set elsewhere on the page. */
  without?: ReadonlySet<string>
}

export function SettingsFields({ options, draft, onChange, without = new Set() }: SettingsFieldsProps) {
  const known = new Map(options.map((option) => [option.name, option]))
  const set = (name: string) => (value: unknown) => onChange((now) => withGenerationOption(now, name, value))
  const seedOption = known.get("seed")
  const { seed } = draft.options
  return (
    <div className="grid grid-cols-6 gap-x-3 gap-y-4">
      {nearOptions.map((name) => {
        const option = known.get(name)
        return option === undefined || without.has(name) ? null : (
          <div key={name} className={spans[name]}>
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
      {!without.has("seed") && seedOption !== undefined && (
        <>
          <div className="col-span-3">
            <OptionField
              // Its default would draw the same image each time; without a seed of one's own there is a new one.
              option={{ ...seedOption, default: null }}
              value={draft.randomSeed ? undefined : seed}
              onChange={(value) =>
                onChange((now) => ({ ...withGenerationOption(now, "seed", value), randomSeed: value === undefined }))
              }
              hint=""
            />
          </div>
          <SwitchField
            className="col-span-6"
            label="A new seed each time"
            hint={
              draft.randomSeed ? "Every press draws something else." : "The same seed and settings draw the same image."
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
        </>
      )}
    </div>
  )
}

"use client"

import { BookMarked, Save } from "lucide-react"
import { toast } from "sonner"
import { SavePresetDocument } from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { Button } from "../../ui/Button.tsx"
import { Menu } from "../../ui/Menu.tsx"
import { useSession } from "../shell/Session.tsx"
import { type OptionValues, suggestedName } from "./draft.ts"
import type { StepProps } from "./StartForm.tsx"

/** Starting points that need no saving. */
const builtIn: { name: string; options: OptionValues }[] = [
  {
    name: "Quick look: LoRA, 200 steps",
    options: { method: "lora", maxTrainSteps: 200, checkpointingSteps: 50, validationSteps: 50 },
  },
  { name: "One subject: LoRA, defaults", options: {} },
  { name: "Keeps its class: with prior preservation", options: { withPriorPreservation: true, numClassImages: 100 } },
  { name: "Closest likeness: full, 8-bit Adam", options: { method: "full", use8bitAdam: true } },
]

export function Presets({ data, draft, onChange }: StepProps) {
  const { team } = useSession()
  const save = useAct(SavePresetDocument, { refetch: ["StartRun"] })
  const apply = (options: OptionValues) =>
    onChange((now) => {
      const kept = Object.fromEntries(
        ["resolution", "validationPrompts", "instancePrompt"].flatMap((name) =>
          now.options[name] === undefined ? [] : [[name, now.options[name]]],
        ),
      )
      return { ...now, options: { ...kept, ...options } }
    })
  const saveNow = async () => {
    const preset = await save.act({ teamId: team.id, name: suggestedName(draft, {}), options: draft.options })
    if (preset !== undefined) toast.success(`Kept as “${preset.name}”.`)
  }
  return (
    <Menu
      trigger={
        <Button size="sm">
          <BookMarked /> Presets
        </Button>
      }
      entries={[
        ...builtIn.map(({ name, options }) => ({ label: name, onSelect: () => apply(options) })),
        ...(data.presets.length > 0 ? (["separator"] as const) : []),
        ...data.presets.map((preset) => ({ label: preset.name, onSelect: () => apply(asOptions(preset.options)) })),
        "separator",
        { label: "Keep the present settings", icon: <Save />, onSelect: saveNow },
      ]}
    />
  )
}

const asOptions = (config: unknown): OptionValues =>
  typeof config === "object" && config !== null ? { ...config } : {}

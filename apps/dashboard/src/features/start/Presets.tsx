"use client"

import { BookMarked, Save, Trash2 } from "lucide-react"
import { type FormEvent, useState } from "react"
import { DeletePresetDocument, SavePresetDocument } from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { Button } from "../../ui/Button.tsx"
import { TextField } from "../../ui/Field.tsx"
import { Menu } from "../../ui/Menu.tsx"
import { Modal } from "../../ui/Modal.tsx"
import { toast } from "../../ui/toast.ts"
import { useSession } from "../shell/Session.tsx"
import { type OptionValues, suggestedName } from "./draft.ts"
import type { StepProps } from "./StartForm.tsx"
import { defaultsOf } from "./startData.ts"

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
  const { team, readOnly } = useSession()
  const [naming, setNaming] = useState(false)
  const [name, setName] = useState("")
  const save = useAct(SavePresetDocument, { refetch: ["StartRun"], quiet: true })
  const forget = useAct(DeletePresetDocument, { refetch: ["StartRun"] })
  const apply = (options: OptionValues) =>
    onChange((now) => {
      const kept = Object.fromEntries(
        ["resolution", "validationPrompts", "instancePrompt"].flatMap((name) =>
          now.options[name] === undefined ? [] : [[name, now.options[name]]],
        ),
      )
      return { ...now, options: { ...kept, ...options } }
    })
  const saveNow = async (event: FormEvent) => {
    event.preventDefault()
    const preset = await save.act({ teamId: team.id, name: name.trim(), options: draft.options })
    if (preset === undefined) return
    toast.success(`Kept as “${preset.name}”.`)
    setNaming(false)
  }
  const begin = () => {
    setName(suggestedName(draft, defaultsOf(data)))
    setNaming(true)
  }
  const own = data.presets
  return (
    <>
      <Menu
        trigger={
          <Button size="sm">
            <BookMarked /> Presets
          </Button>
        }
        entries={[
          ...builtIn.map((preset) => ({ label: preset.name, onSelect: () => apply(preset.options) })),
          ...(own.length > 0 ? (["separator"] as const) : []),
          ...own.map((preset) => ({ label: preset.name, onSelect: () => apply(asOptions(preset.options)) })),
          "separator",
          { label: "Keep the present settings", icon: <Save />, onSelect: begin },
          ...own.map((preset) => ({
            label: `Forget “${preset.name}”`,
            icon: <Trash2 />,
            danger: true,
            onSelect: () => void forget.act({ id: preset.id }),
          })),
        ]}
      />
      <Modal
        open={naming}
        onClose={() => setNaming(false)}
        title="Keep these settings"
        hint="As a preset for the whole team; one of the same name is replaced."
      >
        <form onSubmit={saveNow} className="flex items-end gap-2">
          <TextField
            label="Name"
            value={name}
            onChange={(event) => setName(event.target.value)}
            maxLength={100}
            autoFocus
            error={save.refusal?.message}
            className="flex-1"
          />
          <Button
            type="submit"
            variant="primary"
            busy={save.busy}
            reason={name.trim() === "" ? "Give it a name." : readOnly}
          >
            Keep
          </Button>
        </form>
      </Modal>
    </>
  )
}

const asOptions = (config: unknown): OptionValues =>
  typeof config === "object" && config !== null ? { ...config } : {}

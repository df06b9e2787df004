"use client"

import { LinkButton } from "../../ui/Button.tsx"
import { classes } from "../../ui/classes.ts"
import { formatBytes } from "../../ui/format.ts"
import { Panel } from "../../ui/Panel.tsx"
import { AllOptions } from "./AllOptions.tsx"
import { differs, scenesOf, withBaseModel, withOption, withScenes } from "./draft.ts"
import { OptionField } from "./OptionField.tsx"
import { Presets } from "./Presets.tsx"
import type { StepProps } from "./StartForm.tsx"
import { suiting } from "./startData.ts"

/** The fields that matter most, in the order in which they are thought of. */
const first = ["method", "maxTrainSteps", "resolution", "learningRate", "validationPrompts"] as const
const labels: Record<string, string> = {
  method: "Method",
  maxTrainSteps: "Steps",
  resolution: "Resolution",
  learningRate: "Learning rate",
}

export function LookStep({ data, draft, onChange }: StepProps) {
  const models = data.baseModels.edges.map(({ node }) => node)
  const byName = new Map(data.trainingOptions.map((option) => [option.name, option]))
  const chosen = models.find(({ id }) => id === draft.baseModelId)
  const own = Object.keys(suiting(data, draft)).length > 0
  const setOption = (name: string) => (value: unknown) => onChange((now) => withOption(now, name, value))
  return (
    <>
      <Panel
        title="Base model"
        hint="What it knows before it meets your subject."
        actions={
          <LinkButton href="/settings#base-models" size="sm">
            Add another
          </LinkButton>
        }
      >
        <fieldset className="grid gap-2 sm:grid-cols-2">
          <legend className="sr-only">Base model</legend>
          {models.map((model) => (
            <label
              key={model.id}
              className={classes(
                "flex cursor-pointer flex-col gap-0.5 rounded-xl border p-3 has-focus-visible:outline-2 has-focus-visible:outline-focus",
                model.id === draft.baseModelId ? "border-accent bg-accent-soft" : "border-border hover:border-accent",
              )}
            >
              <input
                type="radio"
                name="baseModel"
                className="sr-only"
                checked={model.id === draft.baseModelId}
                onChange={() =>
                  onChange((now) =>
                    withBaseModel(
                      now,
                      model,
                      models.find((one) => one.id === now.baseModelId),
                    ),
                  )
                }
              />
              <span className="truncate font-medium text-sm">{model.name}</span>
              <span className="text-muted text-xs">
                {[
                  model.family,
                  model.resolution && `${model.resolution} px`,
                  model.byteSize && formatBytes(model.byteSize),
                  model.licence,
                ]
                  .filter(Boolean)
                  .join(" · ")}
              </span>
              {model.problem !== null && <span className="text-warning-soft-foreground text-xs">{model.problem}</span>}
            </label>
          ))}
        </fieldset>
        {models.length === 0 && (
          <p className="text-muted text-sm">No base model is known yet. Add a folder or a Hub id in the settings.</p>
        )}
      </Panel>
      <Panel
        title="Training"
        hint={own ? `The defaults are those that suit ${chosen?.name}.` : undefined}
        actions={<Presets data={data} draft={draft} onChange={onChange} />}
      >
        <div className="grid gap-x-5 gap-y-4 sm:grid-cols-2">
          {first.map((name) => {
            const option = byName.get(name)
            if (option === undefined) return null
            const wide = name === "validationPrompts"
            return (
              <div key={name} className={wide ? "sm:col-span-2" : ""}>
                <OptionField
                  option={option}
                  value={wide ? scenesOf(draft) : draft.options[name]}
                  changed={differs(draft, option)}
                  onChange={wide ? (value) => onChange((now) => withScenes(now, value)) : setOption(name)}
                  {...(wide
                    ? {
                        label: "Show me while it learns",
                        hint: "One prompt per line, drawn before and during training; empty means none.",
                      }
                    : { label: labels[name] ?? option.label })}
                />
              </div>
            )
          })}
        </div>
      </Panel>
      <AllOptions
        options={data.trainingOptions.filter((option) => !first.some((name) => name === option.name))}
        values={draft.options}
        onChange={(name, value) => setOption(name)(value)}
      />
    </>
  )
}

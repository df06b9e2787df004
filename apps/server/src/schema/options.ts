/** Options of training and generation: their descriptions for forms, and inputs with one field for each. */

import type { GenerationRunOptions, TrainingRunOptions } from "@fjord/contracts"
import {
  type GivenOptions,
  generationOptionDescriptions,
  type OptionDescription,
  trainingOptionDescriptions,
} from "../options.ts"
import { builder } from "./builder.ts"

const OptionKind = builder.enumType("OptionKind", {
  values: ["number", "integer", "boolean", "text", "choice", "list"] as const,
})

const OptionDescriptionType = builder.objectRef<OptionDescription>("OptionDescription").implement({
  description: "One option with all that a form needs.",
  fields: (t) => ({
    name: t.exposeString("name"),
    snakeName: t.exposeString("snakeName", { description: "Its name in YAML." }),
    label: t.exposeString("label"),
    description: t.exposeString("description"),
    default: t.expose("default", {
      type: "JSON",
      nullable: true,
      description: "null where absence has a meaning of its own.",
    }),
    absent: t.exposeString("absent", {
      nullable: true,
      description: "What absence means where it is no plain default, as the end of a sentence.",
    }),
    kind: t.expose("kind", { type: OptionKind }),
    choices: t.exposeStringList("choices", { nullable: true }),
    minimum: t.exposeFloat("minimum", { nullable: true }),
    maximum: t.exposeFloat("maximum", { nullable: true }),
    group: t.exposeString("group", { description: "Where a form shows it." }),
  }),
})

builder.queryFields((t) => ({
  trainingOptions: t.field({ type: [OptionDescriptionType], resolve: () => trainingOptionDescriptions }),
  generationOptions: t.field({ type: [OptionDescriptionType], resolve: () => generationOptionDescriptions }),
}))

const capitalised = (name: string) => name.charAt(0).toUpperCase() + name.slice(1)

/** The same choices are one enum, whatever option has them. */
const choiceEnums = new Map<string, ReturnType<typeof builder.enumType<string, readonly string[]>>>()
function choiceEnum(option: OptionDescription, choices: readonly string[]) {
  const key = choices.join()
  const known = choiceEnums.get(key)
  if (known !== undefined) return known
  const name = option.name === "validationScheduler" ? "Scheduler" : capitalised(option.name)
  const made = builder.enumType(`${name}Option`, { values: choices, description: "Spelt as in YAML." })
  choiceEnums.set(key, made)
  return made
}

/**
 * No field has a default value in GraphQL: absence must stay visible, so that a retry overrides only what is named and
 * defaults that depend on other options can be found. The descriptions say the defaults.
 */
function optionsInput<Options extends object>(name: string, descriptions: readonly OptionDescription[]) {
  return builder.inputRef<Options>(name).implement({
    description: "Every option; what is absent has its default.",
    fields: (t) => {
      const entries = descriptions.map((option) => {
        const fallback = option.default === null ? option.absent : JSON.stringify(option.default)
        const about = { description: `${option.description}${fallback === null ? "" : ` Default: ${fallback}.`}` }
        if (option.kind === "choice")
          return [option.name, t.field({ ...about, type: choiceEnum(option, option.choices ?? []) })]
        if (option.kind === "boolean") return [option.name, t.boolean(about)]
        if (option.kind === "text") return [option.name, t.string(about)]
        if (option.kind === "list") return [option.name, t.stringList(about)]
        // GraphQL's Int has 32 bits; a seed has 53.
        const wide = option.kind === "number" || option.maximum === null || option.maximum > 2 ** 31 - 1
        return [
          option.name,
          wide && option.name === "seed" ? t.float(about) : option.kind === "number" ? t.float(about) : t.int(about),
        ]
      })
      // The fields are made from the contract whose type `Options` is.
      return Object.fromEntries(entries)
    },
  })
}

export const TrainingOptionsInput = optionsInput<GivenOptions<TrainingRunOptions>>(
  "TrainingOptionsInput",
  trainingOptionDescriptions,
)
export const GenerationOptionsInput = optionsInput<GivenOptions<GenerationRunOptions>>(
  "GenerationOptionsInput",
  generationOptionDescriptions,
)

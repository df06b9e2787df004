import { dependentDefaults } from "@fjord/contracts/dependentDefaults"
import type { StartRunQuery } from "../../graphql/generated/graphql.ts"
import type { Draft, OptionValues } from "./draft.ts"
import { say } from "./say.ts"

/** Everything that a run can be made of. */
export type StartData = StartRunQuery

type Described = { readonly name: string; readonly description: string; readonly default?: unknown }

const valuesOf = (options: readonly Pick<Described, "name" | "default">[]): OptionValues =>
  Object.fromEntries(options.map((option) => [option.name, option.default]))

export const defaultsOf = (data: Pick<StartData, "trainingOptions">): OptionValues => valuesOf(data.trainingOptions)

const baseModelOf = (data: Pick<StartData, "baseModels">, { baseModelId }: Pick<Draft, "baseModelId">) =>
  data.baseModels.edges.find(({ node }) => node.id === baseModelId)?.node

/** What the chosen base model says suits it, for the method that is chosen. */
export function suiting(data: StartData, draft: Pick<Draft, "baseModelId" | "options">): OptionValues {
  const settings = baseModelOf(data, draft)?.settings
  const method = draft.options.method ?? defaultsOf(data).method
  const values: unknown = method === "full" ? settings?.full : settings?.lora
  return typeof values === "object" && values !== null ? { ...values } : {}
}

/** Options with these values as their defaults, told in the hints: what a form shows where a person has set nothing. */
export const withDefaults = <Option extends Described>(
  options: readonly Option[],
  values: OptionValues,
  why = "",
): Option[] =>
  options.map((option) =>
    option.name in values
      ? {
          ...option,
          default: values[option.name],
          description: `${option.description} Default: ${say(values[option.name])}${why}.`,
        }
      : option,
  )

/** The options of training with the defaults that hold for this draft, and hints that say them. */
export function optionsFor(data: StartData, draft: Draft): StartData["trainingOptions"] {
  const suits = suiting(data, draft)
  const suited = withDefaults(data.trainingOptions, suits, `, as suits ${baseModelOf(data, draft)?.name}`)
  const { method, trainTextEncoder, rank, learningRate, lrScheduler } = { ...valuesOf(suited), ...draft.options }
  const derived: OptionValues = dependentDefaults({
    method: method === "full" ? "full" : "lora",
    trainTextEncoder: trainTextEncoder === true,
    rank: Number(rank),
    learningRate: typeof learningRate === "number" ? learningRate : undefined,
    lrScheduler: String(lrScheduler),
  })
  const open = Object.entries(derived).filter(([name]) => !(name in suits))
  return withDefaults(suited, Object.fromEntries(open)).map((option) =>
    option.default === null && option.absent !== null
      ? { ...option, description: `${option.description} Default: ${option.absent}.` }
      : option,
  )
}

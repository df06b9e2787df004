import type { StartRunQuery } from "../../graphql/generated/graphql.ts"
import type { Draft, OptionValues } from "./draft.ts"

/** Everything that a run can be made of. */
export type StartData = StartRunQuery

export const defaultsOf = (data: StartData): OptionValues =>
  Object.fromEntries(data.trainingOptions.map((option) => [option.name, option.default]))

/** What the chosen base model says suits it, for the method that is chosen. */
export function suiting(
  data: StartData,
  { baseModelId, options }: Pick<Draft, "baseModelId" | "options">,
): OptionValues {
  const settings = data.baseModels.edges.find(({ node }) => node.id === baseModelId)?.node.settings
  const method = options.method ?? defaultsOf(data).method
  const values: unknown = method === "full" ? settings?.full : settings?.lora
  return typeof values === "object" && values !== null ? { ...values } : {}
}

/** Options with these values as their defaults: what a form shows where a person has set nothing. */
export const withDefaults = <Option extends { name: string; default?: unknown }>(
  options: readonly Option[],
  values: OptionValues,
): Option[] => options.map((option) => (option.name in values ? { ...option, default: values[option.name] } : option))

import type { StartRunQuery } from "../../graphql/generated/graphql.ts"
import type { OptionValues } from "./draft.ts"

/** Everything that a run can be made of. */
export type StartData = StartRunQuery

export const defaultsOf = (data: StartData): OptionValues =>
  Object.fromEntries(data.trainingOptions.map((option) => [option.name, option.default]))

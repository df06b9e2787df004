/** The configuration in a run's row, checked on the way out. */

import { generationRunConfig, trainingRunConfig, transferRunConfig } from "@fjord/contracts"
import type { z } from "zod"
import { InputError } from "../expectedError.ts"

export const optionsOf = (config: unknown) => trainingRunConfig.parse(config).options
/** The Hub commit under a training run, once a worker has begun it. */
export const baseCommitOf = (config: unknown) => trainingRunConfig.safeParse(config).data?.baseCommit
export const generationConfigOf = (config: unknown) => generationRunConfig.parse(config)
export const transferConfigOf = (config: unknown) => transferRunConfig.parse(config)

/** @throws InputError that names the first option that is wrong. */
export function checkedConfig<Schema extends z.ZodType>(schema: Schema, config: z.input<Schema>): z.output<Schema> {
  const parsed = schema.safeParse(config)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const path = (issue?.path ?? []).map(String).filter((part) => part !== "options")
  const field = path.join(".")
  throw new InputError(`${field === "" ? "The options" : field}: ${issue?.message ?? "not acceptable"}`, field)
}

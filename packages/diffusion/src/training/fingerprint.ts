/** What a run is a function of: kept in each checkpoint, so that it is gone on with under the same settings only. */

import type { TrainingConfig } from "@fjord/contracts"
import type { JsonObject, JsonValue } from "../folder/json.ts"

/** Settings that change when something is written or shown, or how long the run is, but no step. */
const harmless: ReadonlySet<string> = new Set([
  "model",
  "instanceImages",
  "classImages",
  "output",
  "checkpointingSteps",
  "checkpointsTotalLimit",
  "validationPrompts",
  "validationSteps",
  "numValidationImages",
  "validationGuidanceScale",
  "validationInferenceSteps",
  "validationScheduler",
])

type Identity = {
  readonly baseModelHash: string
  readonly datasetHash: string
  readonly threads: number
}

export type Fingerprint = Identity & { readonly settings: JsonObject }

export function fingerprint(config: TrainingConfig, identity: Identity): Fingerprint {
  const settings = Object.entries(JSON.parse(JSON.stringify(config)) as JsonObject)
  // With a constant learning rate a longer run begins as a shorter one does.
  const ignored = (key: string) =>
    harmless.has(key) || (key === "maxTrainSteps" && config.lrScheduler.startsWith("constant"))
  return { ...identity, settings: Object.fromEntries(settings.filter(([key]) => !ignored(key))) }
}

/** What differs between a checkpoint's fingerprint and the run's, in words; empty where nothing does. */
export function differences(stored: JsonValue | undefined, current: Fingerprint): string[] {
  const before = (stored ?? {}) as Partial<Fingerprint>
  const changed: string[] = []
  if (before.baseModelHash !== current.baseModelHash) changed.push("the base model has other weights")
  if (before.datasetHash !== current.datasetHash) changed.push("the pictures or captions are others")
  if (before.threads !== current.threads) changed.push(`threads was ${before.threads} and is ${current.threads}`)
  for (const key of new Set([...Object.keys(before.settings ?? {}), ...Object.keys(current.settings)])) {
    if (key === "threads") continue
    const [was, is] = [before.settings?.[key], current.settings[key]].map((value) => JSON.stringify(value))
    const name = key.replace(/([A-Z]|\d+)/g, (part) => `_${part.toLowerCase()}`)
    if (was !== is) changed.push(`${name} was ${was ?? "not set"} and is ${is ?? "not set"}`)
  }
  return changed
}

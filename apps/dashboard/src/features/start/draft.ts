/** A run that is being put together: what was chosen, and what still stands in its way. Pure. */

export type OptionValues = { readonly [name: string]: unknown }

export type Draft = {
  datasetId: string | undefined
  conceptId: string | undefined
  identifier: string
  classNoun: string
  baseModelId: string | undefined
  name: string
  options: OptionValues
}

export const emptyDraft: Draft = {
  datasetId: undefined,
  conceptId: undefined,
  identifier: "sks",
  classNoun: "",
  baseModelId: undefined,
  name: "",
  options: {},
}

/** "a photo of sks toy" */
export const instancePrompt = ({ identifier, classNoun }: Draft): string =>
  ["a photo of", identifier.trim(), classNoun.trim()].filter((part) => part !== "").join(" ")

/**
 * The options as they are sent: what suits the base model, what a person set, the subject's prompt, what is drawn
 * meanwhile, and the class's prompt where wanted.
 */
export function sentOptions(draft: Draft, suiting: OptionValues = {}): OptionValues {
  const options: OptionValues = { ...suiting, ...draft.options }
  const scenes = scenesOf(draft)
  const prompt = {
    instancePrompt: options.instancePrompt ?? instancePrompt(draft),
    ...(scenes.length > 0 && { validationPrompts: scenes }),
  }
  if (options.withPriorPreservation !== true) return { ...prompt, ...options }
  return { ...prompt, classPrompt: `a photo of a ${draft.classNoun.trim()}`, ...options }
}

type SizedModel = { readonly id: string; readonly resolution: number | null }

/**
 * Chooses another base model. The resolution follows it, unless a person has set another than the last model's;
 * after a model of unknown size it is the default again.
 */
export function withBaseModel(draft: Draft, model: SizedModel, last: SizedModel | undefined): Draft {
  const { resolution } = draft.options
  const follows = resolution === undefined || resolution === last?.resolution
  const chosen = { ...draft, baseModelId: model.id }
  return follows ? withOption(chosen, "resolution", model.resolution ?? undefined) : chosen
}

/** What shows whether it learns: the subject as it was taught, and the subject somewhere new. Empty without a noun. */
export function suggestedScenes(draft: Draft): readonly string[] {
  const { instancePrompt: own } = draft.options
  if (typeof own === "string") return [own, `${own} on the moon`]
  const subject = instancePrompt(draft)
  return draft.classNoun.trim() === "" ? [] : [subject, `${subject} on the moon`]
}

/** The prompts drawn while it learns: those that a person wrote, an empty list included, else the suggested ones. */
export function scenesOf(draft: Draft): readonly string[] {
  const { validationPrompts: own } = draft.options
  return Array.isArray(own) ? own.map(String) : suggestedScenes(draft)
}

/** Sets the prompts drawn while it learns; undefined means none. The suggested ones go on following the subject. */
export function withScenes(draft: Draft, value: unknown): Draft {
  const same = JSON.stringify(value) === JSON.stringify(suggestedScenes(draft))
  return withOption(draft, "validationPrompts", same ? undefined : (value ?? []))
}

/** Sets an option; undefined puts it back to its default. */
export function withOption(draft: Draft, name: string, value: unknown): Draft {
  const { [name]: _gone, ...others } = draft.options
  return { ...draft, options: value === undefined ? others : { ...others, [name]: value } }
}

/** Takes over settings of a file or a preset. A prompt of the usual form names the subject, so it fills the subject's fields. */
export function withSettings(draft: Draft, settings: OptionValues): Draft {
  const { instancePrompt, ...others } = settings
  const merged = { ...draft, options: { ...draft.options, ...others } }
  const [, identifier, classNoun] =
    typeof instancePrompt === "string" ? (/^a photo of (\S+) (.+)$/.exec(instancePrompt.trim()) ?? []) : []
  if (identifier !== undefined && classNoun !== undefined)
    return { ...withOption(merged, "instancePrompt", undefined), identifier, classNoun }
  return instancePrompt === undefined ? merged : withOption(merged, "instancePrompt", instancePrompt)
}

export type Step = "subject" | "look" | "check"

/** What is missing before a step is complete, as sentences for people; empty when it is. */
export function missingIn(draft: Draft, step: Step, images: number | undefined): string[] {
  const missing: string[] = []
  if (step === "subject" || step === "check") {
    if (draft.datasetId === undefined) missing.push("Choose the pictures.")
    else if (images === 0) missing.push("The data set has no pictures yet; add some first.")
    if (draft.identifier.trim() === "" && draft.options.instancePrompt === undefined)
      missing.push("Give the subject a rare word, such as sks.")
    if (draft.classNoun.trim() === "" && draft.options.instancePrompt === undefined)
      missing.push("Say what it is, e.g. toy, dog, person.")
  }
  if ((step === "look" || step === "check") && draft.baseModelId === undefined) missing.push("Choose a base model.")
  return missing
}

/** A name that tells runs apart: "sks toy, LoRA, 500 steps". */
export function suggestedName(draft: Draft, defaults: OptionValues): string {
  const { method, maxTrainSteps } = { ...defaults, ...draft.options }
  const subject = [draft.identifier.trim(), draft.classNoun.trim()].filter((part) => part !== "").join(" ")
  return `${subject || "New run"}, ${method === "full" ? "full" : "LoRA"}, ${maxTrainSteps} steps`
}

/** Values of another run or file, without what belongs to the machine or the subject's files. */
export function adoptable(config: unknown, known: ReadonlySet<string>, defaults: OptionValues): OptionValues {
  if (typeof config !== "object" || config === null) return {}
  const entries = Object.entries(config).filter(
    ([name, value]) =>
      known.has(name) &&
      value !== null &&
      value !== undefined &&
      JSON.stringify(value) !== JSON.stringify(defaults[name]),
  )
  return Object.fromEntries(entries)
}

/** Whether this option is set to something else than is recommended; what follows the base model often is the same. */
export function differs(
  { options }: Draft,
  { name, default: recommended }: { name: string; default?: unknown },
): boolean {
  const value = options[name]
  return value !== undefined && JSON.stringify(value) !== JSON.stringify(recommended)
}

/** The options of training and generation as data, read from the contracts: the schema, forms and forecasts follow them. */

import { dependentDefaults, generationRunOptions, trainingRunOptions } from "@fjord/contracts"
import { z } from "zod"

export type OptionDescription = {
  readonly name: string
  /** The name in YAML. */
  readonly snakeName: string
  readonly label: string
  readonly description: string
  /** null where absence means something of its own. */
  readonly default: unknown
  /** What absence means where it is no plain default, as the end of a sentence. */
  readonly absent: string | null
  readonly kind: "number" | "integer" | "boolean" | "text" | "choice" | "list"
  readonly choices: readonly string[] | null
  readonly minimum: number | null
  readonly maximum: number | null
  readonly group: string
}

type TrainingOptionName = keyof typeof trainingRunOptions.shape
type GenerationOptionName = keyof typeof generationRunOptions.shape

/** Where a form shows the option; total, so that a new option gets its place. */
const trainingGroups = {
  instancePrompt: "subject",
  captions: "subject",
  method: "method",
  trainTextEncoder: "method",
  rank: "method",
  loraAlpha: "method",
  loraTargetModules: "method",
  loraConvolutions: "method",
  withPriorPreservation: "prior preservation",
  classPrompt: "prior preservation",
  numClassImages: "prior preservation",
  classGuidanceScale: "prior preservation",
  priorLossWeight: "prior preservation",
  sampleBatchSize: "prior preservation",
  resolution: "pictures",
  centerCrop: "pictures",
  randomCrop: "pictures",
  randomFlip: "pictures",
  repeats: "pictures",
  shuffle: "pictures",
  cacheLatents: "pictures",
  tokenPadding: "pictures",
  trainBatchSize: "optimisation",
  gradientAccumulationSteps: "optimisation",
  maxTrainSteps: "optimisation",
  learningRate: "optimisation",
  textEncoderLearningRate: "optimisation",
  lrScheduler: "optimisation",
  lrWarmupSteps: "optimisation",
  lrNumCycles: "optimisation",
  lrPower: "optimisation",
  adamBeta1: "optimisation",
  adamBeta2: "optimisation",
  adamWeightDecay: "optimisation",
  adamEpsilon: "optimisation",
  use8bitAdam: "optimisation",
  maxGradNorm: "optimisation",
  snrGamma: "loss",
  noiseOffset: "loss",
  seed: "loss",
  validationPrompts: "samples",
  validationSteps: "samples",
  numValidationImages: "samples",
  validationGuidanceScale: "samples",
  validationInferenceSteps: "samples",
  validationScheduler: "samples",
  checkpointingSteps: "checkpoints",
  checkpointsTotalLimit: "checkpoints",
  memoryMode: "machine",
  frozenWeights: "machine",
  provider: "machine",
  threads: "machine",
} as const satisfies Record<TrainingOptionName, string>

const generationGroups = {
  prompt: "prompt",
  negativePrompt: "prompt",
  steps: "sampling",
  guidanceScale: "sampling",
  seed: "sampling",
  scheduler: "sampling",
  numImages: "size",
  width: "size",
  height: "size",
  provider: "machine",
  threads: "machine",
} as const satisfies Record<GenerationOptionName, string>

const jsonProperty = z.object({
  type: z.enum(["number", "integer", "boolean", "string", "array"]),
  description: z.string(),
  default: z.unknown().optional(),
  absent: z.string().optional(),
  enum: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMaximum: z.number().optional(),
})
const jsonProperties = z.object({ properties: z.record(z.string(), jsonProperty) })

const kinds = { number: "number", integer: "integer", boolean: "boolean", string: "text", array: "list" } as const

const words = (name: string) =>
  name
    .replace(/([A-Z]|\d+bit)/g, " $1")
    .toLowerCase()
    .trim()
/** Words of names as people say them. */
const terms: Readonly<Record<string, string>> = {
  adam: "Adam",
  "8bit": "8-bit",
  beta1: "beta 1",
  beta2: "beta 2",
  center: "centre",
  grad: "gradient",
  lora: "LoRA",
  lr: "learning rate",
  num: "number of",
  snr: "SNR",
  train: "training",
}
const labelOf = (name: string) =>
  capitalised(
    words(name)
      .split(" ")
      .map((word) => terms[word] ?? word)
      .join(" "),
  )
const capitalised = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

function describe(schema: z.ZodType, groups: Readonly<Record<string, string>>): OptionDescription[] {
  const { properties } = jsonProperties.parse(z.toJSONSchema(schema, { io: "input" }))
  return Object.entries(properties).map(([name, property]) => ({
    name,
    snakeName: words(name).replaceAll(" ", "_"),
    label: labelOf(name),
    description: property.description,
    default: property.default ?? null,
    absent: property.absent ?? null,
    kind: property.enum === undefined ? kinds[property.type] : "choice",
    choices: property.enum ?? null,
    minimum: property.minimum ?? property.exclusiveMinimum ?? null,
    maximum: property.maximum ?? property.exclusiveMaximum ?? null,
    group: groups[name] ?? "",
  }))
}

export const trainingOptionDescriptions = describe(trainingRunOptions, trainingGroups)
export const generationOptionDescriptions = describe(generationRunOptions, generationGroups)

/**
 * @param options of a run, complete.
 * @param suits what suits its base model, and so is the default there.
 * @returns the options that are not at their default, in the contract's order.
 */
export function differencesFromDefaults(options: z.output<typeof trainingRunOptions>, suits: object) {
  const values: Readonly<Record<string, unknown>> = options
  const defaults: Readonly<Record<string, unknown>> = { ...dependentDefaults(options), ...suits }
  return trainingOptionDescriptions
    .map(({ name, default: usual }) => ({ name, value: values[name], default: defaults[name] ?? usual }))
    .filter((option) => option.value !== undefined && JSON.stringify(option.value) !== JSON.stringify(option.default))
}

/** Options as GraphQL gives them: it says null for what was not given. */
export type GivenOptions<Options> = { readonly [Name in keyof Options]?: Options[Name] | null | undefined }

export function withoutNulls<Options>(options: GivenOptions<Options>): Partial<Options> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value != null)) as Partial<Options>
}

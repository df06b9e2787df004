import { z } from "zod"
import { UnsupportedError } from "../unsupported.ts"
import { betaScheduleNames } from "./betas.ts"

/** The options of all schedulers, named as diffusers names them (in camelCase). Each class has a part of them. */
const schema = z.object({
  numTrainTimesteps: z.int().positive(),
  betaStart: z.number(),
  betaEnd: z.number(),
  betaSchedule: z.enum(betaScheduleNames),
  trainedBetas: z.array(z.number()).nonempty().nullable(),
  rescaleBetasZeroSnr: z.boolean(),
  predictionType: z.enum(["epsilon", "sample", "v_prediction"]),
  timestepSpacing: z.enum(["linspace", "leading", "trailing"]),
  stepsOffset: z.int(),
  clipSample: z.boolean(),
  clipSampleRange: z.number(),
  thresholding: z.boolean(),
  dynamicThresholdingRatio: z.number(),
  sampleMaxValue: z.number(),
  setAlphaToOne: z.boolean(),
  skipPrkSteps: z.boolean(),
  varianceType: z.enum(["fixed_small", "fixed_small_log", "fixed_large", "fixed_large_log"]).nullable(),
  useKarrasSigmas: z.boolean(),
  useExponentialSigmas: z.boolean(),
  useBetaSigmas: z.boolean(),
  useLuLambdas: z.boolean(),
  useFlowSigmas: z.literal(false),
  sigmaMin: z.number().nullable(),
  sigmaMax: z.number().nullable(),
  interpolationType: z.enum(["linear", "log_linear"]),
  timestepType: z.enum(["discrete", "continuous"]),
  finalSigmasType: z.enum(["zero", "sigma_min"]),
  solverOrder: z.int().positive(),
  algorithmType: z.enum(["dpmsolver", "dpmsolver++", "sde-dpmsolver", "sde-dpmsolver++", "deis"]),
  solverType: z.enum(["midpoint", "heun", "bh1", "bh2", "logrho"]),
  lowerOrderFinal: z.boolean(),
  eulerAtFinal: z.boolean(),
  // JSON has no -Infinity; zod's number has neither.
  lambdaMinClipped: z.custom<number>((value) => typeof value === "number" && !Number.isNaN(value)),
  predictX0: z.boolean(),
  disableCorrector: z.array(z.int()),
  originalInferenceSteps: z.int().positive(),
  timestepScaling: z.number().positive(),
})

export type SchedulerConfig = Readonly<z.infer<typeof schema>>
type Key = keyof SchedulerConfig

/** What an option is where a class lacks it or does not say otherwise. */
const neutral: SchedulerConfig = {
  numTrainTimesteps: 1000,
  betaStart: 0.0001,
  betaEnd: 0.02,
  betaSchedule: "linear",
  trainedBetas: null,
  rescaleBetasZeroSnr: false,
  predictionType: "epsilon",
  timestepSpacing: "linspace",
  stepsOffset: 0,
  clipSample: false,
  clipSampleRange: 1,
  thresholding: false,
  dynamicThresholdingRatio: 0.995,
  sampleMaxValue: 1,
  setAlphaToOne: false,
  skipPrkSteps: false,
  varianceType: null,
  useKarrasSigmas: false,
  useExponentialSigmas: false,
  useBetaSigmas: false,
  useLuLambdas: false,
  useFlowSigmas: false,
  sigmaMin: null,
  sigmaMax: null,
  interpolationType: "linear",
  timestepType: "discrete",
  finalSigmasType: "zero",
  solverOrder: 2,
  algorithmType: "dpmsolver++",
  solverType: "midpoint",
  lowerOrderFinal: true,
  eulerAtFinal: false,
  lambdaMinClipped: Number.NEGATIVE_INFINITY,
  predictX0: true,
  disableCorrector: [],
  originalInferenceSteps: 50,
  timestepScaling: 10,
}

const shared = [
  "numTrainTimesteps",
  "betaStart",
  "betaEnd",
  "betaSchedule",
  "trainedBetas",
  "predictionType",
  "timestepSpacing",
  "stepsOffset",
] as const satisfies readonly Key[]
const thresholding = ["thresholding", "dynamicThresholdingRatio", "sampleMaxValue"] as const satisfies readonly Key[]
const sigmaShapes = ["useKarrasSigmas", "useExponentialSigmas", "useBetaSigmas"] as const satisfies readonly Key[]

export const schedulerClassNames = [
  "DDPMScheduler",
  "DDIMScheduler",
  "PNDMScheduler",
  "LMSDiscreteScheduler",
  "EulerDiscreteScheduler",
  "EulerAncestralDiscreteScheduler",
  "HeunDiscreteScheduler",
  "DPMSolverMultistepScheduler",
  "UniPCMultistepScheduler",
  "DPMSolverSinglestepScheduler",
  "DEISMultistepScheduler",
  "KDPM2DiscreteScheduler",
  "LCMScheduler",
] as const
export type SchedulerClassName = (typeof schedulerClassNames)[number]

interface ClassOptions {
  readonly keys: readonly Key[]
  readonly defaults: Partial<SchedulerConfig>
}

/** The options each diffusers class takes beyond the shared ones, and its defaults where they are not the neutral ones. */
const classes: Record<SchedulerClassName, ClassOptions> = {
  DDPMScheduler: {
    keys: [...thresholding, "varianceType", "clipSample", "clipSampleRange", "rescaleBetasZeroSnr"],
    defaults: { varianceType: "fixed_small", clipSample: true, timestepSpacing: "leading" },
  },
  DDIMScheduler: {
    keys: [...thresholding, "clipSample", "clipSampleRange", "setAlphaToOne", "rescaleBetasZeroSnr"],
    defaults: { clipSample: true, setAlphaToOne: true, timestepSpacing: "leading" },
  },
  PNDMScheduler: { keys: ["skipPrkSteps", "setAlphaToOne"], defaults: { timestepSpacing: "leading" } },
  LMSDiscreteScheduler: { keys: sigmaShapes, defaults: {} },
  EulerDiscreteScheduler: {
    keys: [
      ...sigmaShapes,
      "interpolationType",
      "sigmaMin",
      "sigmaMax",
      "timestepType",
      "rescaleBetasZeroSnr",
      "finalSigmasType",
    ],
    defaults: {},
  },
  EulerAncestralDiscreteScheduler: { keys: ["rescaleBetasZeroSnr"], defaults: {} },
  HeunDiscreteScheduler: {
    keys: [...sigmaShapes, "clipSample", "clipSampleRange"],
    defaults: { betaStart: 0.00085, betaEnd: 0.012 },
  },
  DPMSolverMultistepScheduler: {
    keys: [
      ...thresholding,
      ...sigmaShapes,
      "solverOrder",
      "algorithmType",
      "solverType",
      "lowerOrderFinal",
      "eulerAtFinal",
      "useLuLambdas",
      "useFlowSigmas",
      "finalSigmasType",
      "lambdaMinClipped",
      "varianceType",
      "rescaleBetasZeroSnr",
    ],
    defaults: {},
  },
  UniPCMultistepScheduler: {
    keys: [
      ...thresholding,
      ...sigmaShapes,
      "solverOrder",
      "predictX0",
      "solverType",
      "lowerOrderFinal",
      "disableCorrector",
      "useFlowSigmas",
      "finalSigmasType",
      "rescaleBetasZeroSnr",
      "sigmaMin",
      "sigmaMax",
    ],
    defaults: { solverType: "bh2" },
  },
  DPMSolverSinglestepScheduler: {
    keys: [
      ...thresholding,
      ...sigmaShapes,
      "solverOrder",
      "algorithmType",
      "solverType",
      "lowerOrderFinal",
      "useFlowSigmas",
      "finalSigmasType",
      "lambdaMinClipped",
      "varianceType",
    ],
    defaults: { lowerOrderFinal: false },
  },
  DEISMultistepScheduler: {
    keys: [...thresholding, ...sigmaShapes, "solverOrder", "lowerOrderFinal", "useFlowSigmas"],
    defaults: { algorithmType: "deis", solverType: "logrho" },
  },
  KDPM2DiscreteScheduler: { keys: sigmaShapes, defaults: { betaStart: 0.00085, betaEnd: 0.012 } },
  LCMScheduler: {
    keys: [
      ...thresholding,
      "clipSample",
      "clipSampleRange",
      "setAlphaToOne",
      "rescaleBetasZeroSnr",
      "originalInferenceSteps",
      "timestepScaling",
    ],
    defaults: {
      betaStart: 0.00085,
      betaEnd: 0.012,
      betaSchedule: "scaled_linear",
      setAlphaToOne: true,
      timestepSpacing: "leading",
    },
  },
}

/**
 * The full options of a class: its defaults overridden by those of `given` that the class has; the rest of `given` is
 * ignored, as diffusers ignores it. Throws a readable Error where an option has a value that is not supported.
 */
export function schedulerConfig(name: SchedulerClassName, given: Readonly<Record<string, unknown>>): SchedulerConfig {
  const { keys, defaults } = classes[name]
  const own = [...shared, ...keys].filter((key) => given[key] !== undefined).map((key) => [key, given[key]])
  const result = schema.safeParse({ ...neutral, ...defaults, ...Object.fromEntries(own) })
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`)
    throw new UnsupportedError(`${name}: the configuration has values that are not supported: ${problems.join("; ")}.`)
  }
  const config = result.data
  const shapes = sigmaShapes.filter((key) => config[key])
  if (shapes.length > 1) throw new Error(`${name}: ${shapes.join(" and ")} exclude each other; set one of them.`)
  return config
}

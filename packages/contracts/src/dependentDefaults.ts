/** The defaults of training that depend on other options. Nothing is imported here, so that a browser can have it too. */

type Deciding = {
  readonly method: "full" | "lora"
  readonly trainTextEncoder: boolean
  readonly rank: number
  readonly learningRate?: number | undefined
  readonly lrScheduler: string
}

type DependentDefaults = {
  readonly loraAlpha: number
  readonly maxTrainSteps: number
  readonly learningRate: number
  readonly textEncoderLearningRate: number
  readonly lrNumCycles: number
}

/** @returns what these options are where they are absent beside the given ones. */
export function dependentDefaults({
  method,
  trainTextEncoder,
  rank,
  learningRate,
  lrScheduler,
}: Deciding): DependentDefaults {
  const lora = method === "lora"
  const usualRate = lora ? 1e-4 : trainTextEncoder ? 2e-6 : 5e-6
  return {
    loraAlpha: rank,
    maxTrainSteps: lora ? 500 : 800,
    learningRate: usualRate,
    textEncoderLearningRate: Math.min(5e-6, learningRate ?? usualRate),
    lrNumCycles: lrScheduler === "cosine" ? 0.5 : 1,
  }
}

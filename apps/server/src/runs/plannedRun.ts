/** The question to the planner: a run's options on the quickest worker that is alive. */

import { setTimeout as sleep } from "node:timers/promises"
import { dependentDefaults } from "@fjord/contracts"
import type { Worker } from "@fjord/db/prisma"
import type { MachineSpeed, RunForecast } from "@fjord/diffusion/planRun"
import { z } from "zod"
import type { Context } from "../context.ts"
import { smallFilesOf } from "../models/smallFiles.ts"
import type { optionsOf } from "./config.ts"
import type { PreparedTraining } from "./prepareTraining.ts"

type Options = ReturnType<typeof optionsOf>

export const stepsOf = (options: Options) => options.maxTrainSteps ?? dependentDefaults(options).maxTrainSteps

const speed = z.looseObject({
  operationsPerSecond: z.number().positive(),
  secondsPerSession: z.number().positive(),
  parametersPerSecond: z.number().positive(),
}) satisfies z.ZodType<MachineSpeed>

/** The Hub is given this long; who waits for a forecast is filling a form in. */
const patienceMs = 3000

export type TrainingPlan =
  | (Pick<RunForecast, "memoryBytes" | "disk"> & {
      /** null until a worker has measured how quick it is, seconds after its start. */
      readonly seconds: number | null
      readonly workerName: string
    })
  | { readonly unknown: string }

/** Stands in where no worker has been measured: memory and disk do not depend on it. */
const unknownSpeed: MachineSpeed = { operationsPerSecond: 1, secondsPerSession: 0, parametersPerSecond: 1 }

/** @returns a sentence that says why nothing is known, where it is not. */
export async function planTraining(
  context: Context,
  { config: { options }, baseModel, imageCount }: PreparedTraining,
  workers: readonly Worker[],
): Promise<TrainingPlan> {
  const measured = workers.flatMap((worker) => {
    const { data } = speed.safeParse(worker.device)
    return data === undefined ? [] : [{ worker, speed: data }]
  })
  const best = measured.toSorted((a, b) => b.speed.operationsPerSecond - a.speed.operationsPerSecond)[0]
  const worker = best?.worker ?? workers[0]
  if (worker === undefined) return { unknown: "No worker is there whose speed would tell." }
  const files = smallFilesOf(context, baseModel).catch(() => undefined)
  const folder = await Promise.race([files, sleep(patienceMs, undefined, { ref: false })])
  if (folder === undefined)
    return { unknown: "The model's configurations are not here yet; they come with its first run or its import." }
  const { operationsPerSecond, secondsPerSession, parametersPerSecond } = best?.speed ?? unknownSpeed
  const forecast = await context.planner.plan({
    folder,
    training: trainingOf(options),
    pictures: imageCount,
    drawn: drawnBy(options),
    speed: { operationsPerSecond, secondsPerSession, parametersPerSecond },
    memoryBytes: Number(worker.memoryBytes),
  })
  if ("problem" in forecast)
    return { unknown: `The model's arithmetic cannot be counted beforehand: ${forecast.problem}` }
  const { seconds, memoryBytes, disk } = forecast
  return { seconds: best === undefined ? null : seconds, memoryBytes, disk, workerName: worker.name }
}

const trainingOf = (options: Options) => ({
  method: options.method,
  use8bitAdam: options.use8bitAdam,
  lora: {
    rank: options.rank,
    loraAlpha: options.loraAlpha ?? dependentDefaults(options).loraAlpha,
    loraTargetModules: options.loraTargetModules,
    loraConvolutions: options.loraConvolutions,
  },
  trainTextEncoder: options.trainTextEncoder,
  memoryMode: options.memoryMode,
  resolution: options.resolution,
  rows: options.trainBatchSize * (options.withPriorPreservation ? 2 : 1),
  microBatches: options.gradientAccumulationSteps,
  steps: stepsOf(options),
})

/** Samples before the first step, on the way and after the last one, and class images that are not there yet. */
function drawnBy(options: Options) {
  const samples = options.validationPrompts.length * options.numValidationImages
  const times = 1 + Math.ceil(stepsOf(options) / options.validationSteps)
  const classImages = options.withPriorPreservation ? options.numClassImages : 0
  return {
    images: samples * times + classImages,
    steps: options.validationInferenceSteps,
    rows: options.validationGuidanceScale > 1 ? 2 : 1,
  }
}

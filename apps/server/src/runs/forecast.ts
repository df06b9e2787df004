/** What a training run would need, judged by runs of the past that were like it, and by a plan where there are none. */

import type { PrismaClient, Run, Worker } from "@fjord/db/prisma"
import { requireRole } from "../access.ts"
import type { Context } from "../context.ts"
import { ExpectedError } from "../expectedError.ts"
import { readiness } from "../models/baseModels.ts"
import { workerAlive } from "./alive.ts"
import { optionsOf } from "./config.ts"
import { deviceOf } from "./device.ts"
import { planTraining, stepsOf, type TrainingPlan } from "./plannedRun.ts"
import { type PreparedTraining, prepareTraining, type StartTraining } from "./prepareTraining.ts"

export type Forecast = {
  readonly steps: number
  readonly seconds: number | null
  readonly memoryBytes: number | null
  /** null where the memory is not known. */
  readonly fits: boolean | null
  /** The most that lies on the worker's disk at a time. */
  readonly diskBytes: number | null
  /** null where the need or the room is not known. */
  readonly fitsOnDisk: boolean | null
  readonly basis: string
  readonly problems: readonly string[]
}

type Options = ReturnType<typeof optionsOf>

/** What a step's time is roughly proportional to: pixels that pass through the model. */
const workPerStep = (options: Options) =>
  options.resolution ** 2 *
  options.trainBatchSize *
  options.gradientAccumulationSteps *
  (options.withPriorPreservation ? 2 : 1)

/** Runs that differ in these are not compared. */
const likeness = (options: Options) =>
  [options.method, options.trainTextEncoder, options.memoryMode, options.use8bitAdam, options.frozenWeights].join()

type PastRun = { options: Options; secondsPerStep: number; bytes: number | null }

async function pastRuns(database: PrismaClient, baseModel: { family: string | null; id: string }): Promise<PastRun[]> {
  const sameModel =
    baseModel.family === null ? { baseModelId: baseModel.id } : { baseModel: { family: baseModel.family } }
  const runs = await database.run.findMany({
    where: { kind: "TRAINING", step: { gte: 3 }, ...sameModel },
    orderBy: { createdAt: "desc" },
    take: 50,
    select: { id: true, config: true, peakBytes: true },
  })
  const measured = await database.runMetric.groupBy({
    by: ["runId"],
    // The first hundreds of steps tell as much as a hundred thousand.
    where: { runId: { in: runs.map(({ id }) => id) }, step: { gte: 2, lte: 300 } },
    _avg: { secondsPerStep: true },
    _max: { residentBytes: true },
  })
  const byRun = new Map(measured.map((row) => [row.runId, row]))
  return runs.flatMap(({ id, config, peakBytes }) => {
    const row = byRun.get(id)
    const secondsPerStep = row?._avg.secondsPerStep
    if (secondsPerStep == null) return []
    return [
      { options: optionsOf(config), secondsPerStep, bytes: Number(peakBytes ?? row?._max.residentBytes ?? 0) || null },
    ]
  })
}

const largest = (workers: readonly Worker[]) => Math.max(0, ...workers.map(({ memoryBytes }) => Number(memoryBytes)))

const liveWorkers = async (context: Context) =>
  (await context.database.worker.findMany({ where: { stoppedAt: null } })).filter((worker) =>
    workerAlive(worker, context),
  )

type Disk = Pick<Forecast, "diskBytes" | "fitsOnDisk">

/** All but the disk: what a run's row remembers. */
export async function forecastOf(context: Context, prepared: PreparedTraining): Promise<Omit<Forecast, keyof Disk>> {
  const { config, baseModel } = prepared
  const { options } = config
  const steps = stepsOf(options)
  const workers = await liveWorkers(context)
  const problems: string[] = []
  if (workers.length === 0) problems.push("No worker is alive; the run would wait until one is.")
  if (prepared.imageCount === 0) problems.push("The data set has no pictures yet.")
  const { ready, problem } = await readiness(context, baseModel)
  if (!ready) problems.push(`The base model is not ready: ${problem}`)
  const past = await pastRuns(context.database, baseModel)
  const alike = past.filter((run) => likeness(run.options) === likeness(options))
  // Of those that are alike, the one closest in work per step says most.
  const distance = (run: PastRun) => Math.abs(Math.log(workPerStep(run.options) / workPerStep(options)))
  const nearest = alike.toSorted((a, b) => distance(a) - distance(b))[0]
  if (nearest === undefined)
    return planned(await planTraining(context, prepared, workers), workers, { steps, problems })
  const factor = workPerStep(options) / workPerStep(nearest.options)
  const seconds = steps * nearest.secondsPerStep * factor
  // Weights do not grow with the pictures, activations do; where the sizes differ the greater part is taken to grow.
  const memoryBytes = nearest.bytes === null ? null : nearest.bytes * (factor > 1 ? (1 + 2 * factor) / 3 : 1)
  const fits = fitsIn(workers, memoryBytes, problems)
  const basis =
    factor === 1
      ? "Measured in an earlier run with the same model, method and size."
      : `Scaled from an earlier run with the same model and method at ${nearest.options.resolution} pixels.`
  return { steps, seconds, memoryBytes, fits, basis, problems }
}

/** @param problems receives what is wrong. @returns null where that cannot be said. */
function fitsIn(workers: readonly Worker[], memoryBytes: number | null, problems: string[]): boolean | null {
  if (memoryBytes === null || workers.length === 0) return null
  const fits = memoryBytes <= largest(workers)
  if (!fits)
    problems.push("No worker that is alive has that much memory; lower the resolution, or use memory_mode: recompute.")
  return fits
}

/** @returns what the run takes of disk, and what is wrong with that. */
async function diskOf(context: Context, prepared: PreparedTraining): Promise<Disk & Pick<Forecast, "problems">> {
  const { options } = prepared.config
  const workers = await liveWorkers(context)
  const plan = await planTraining(context, prepared, workers)
  if ("unknown" in plan) return { diskBytes: null, fitsOnDisk: null, problems: [] }
  const { resultBytes, checkpointBytes } = plan.disk
  // The next checkpoint is written before the oldest is removed.
  const checkpoints =
    1 + Math.min(options.checkpointsTotalLimit, Math.floor(stepsOf(options) / options.checkpointingSteps))
  // Beside the files of the run lie those of the studio, unless they are in a bucket.
  const diskBytes =
    (context.environment.S3_ENDPOINT === undefined ? 2 : 1) * (resultBytes + checkpoints * checkpointBytes)
  const free = workers.flatMap((worker) => deviceOf(worker).freeDiskBytes ?? [])
  if (free.length === 0) return { diskBytes, fitsOnDisk: null, problems: [] }
  const most = Math.max(...free)
  if (diskBytes <= most) return { diskBytes, fitsOnDisk: true, problems: [] }
  const problem = `It takes about ${gigabytes(diskBytes)} of disk, and the worker with most room has ${gigabytes(most)}; free some, or keep fewer checkpoints (checkpoints_total_limit).`
  return { diskBytes, fitsOnDisk: false, problems: [problem] }
}

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`

function planned(
  plan: TrainingPlan,
  workers: readonly Worker[],
  { steps, problems }: { readonly steps: number; readonly problems: string[] },
): Omit<Forecast, keyof Disk> {
  if ("unknown" in plan) {
    const basis = `No run like it has been made yet. ${plan.unknown}`
    return { steps, seconds: null, memoryBytes: null, fits: null, basis, problems }
  }
  const { seconds, memoryBytes, workerName } = plan
  const basis =
    seconds === null
      ? `Counted from the model's weights. ${workerName} is measuring how quick its machine is; the time follows in a moment.`
      : `Counted from the model's arithmetic and the measured speed of ${workerName}; no run like it has been made yet.`
  return { steps, seconds, memoryBytes, fits: fitsIn(workers, memoryBytes, problems), basis, problems }
}

/** A forecast never fails for what is wrong with the input: that is what it is asked about. */
export async function forecastTraining(context: Context, input: StartTraining): Promise<Forecast> {
  requireRole(context, input.teamId, "VIEWER")
  try {
    const prepared = await prepareTraining(context, input, "VIEWER")
    const forecast = await forecastOf(context, prepared)
    const disk = await diskOf(context, prepared)
    return { ...forecast, ...disk, problems: [...forecast.problems, ...disk.problems] }
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error
    const unknown = { seconds: null, memoryBytes: null, fits: null, diskBytes: null, fitsOnDisk: null }
    return { steps: 0, ...unknown, basis: "", problems: [error.message] }
  }
}

export type Accuracy = {
  readonly estimatedSeconds: number | null
  readonly actualSeconds: number
  readonly estimatedBytes: number | null
  readonly actualBytes: number | null
}

const bytes = (value: bigint | null) => (value === null ? null : Number(value))

export function accuracyOf(run: Run): Accuracy | null {
  const { status, estimateSeconds, measuredSeconds, estimateBytes, peakBytes } = run
  if (status !== "SUCCEEDED" || measuredSeconds === null) return null
  return {
    estimatedSeconds: estimateSeconds,
    actualSeconds: measuredSeconds,
    estimatedBytes: bytes(estimateBytes),
    actualBytes: bytes(peakBytes),
  }
}

/** @returns null where one of the two is not known. */
export const ratio = (actual: number | null, estimated: number | null): number | null =>
  actual === null || estimated === null || estimated === 0 ? null : actual / estimated

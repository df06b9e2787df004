/** What people ask of runs that exist. */

import type { TrainingRunOptions } from "@fjord/contracts"
import { generationRunConfig, trainingRunConfig } from "@fjord/contracts"
import { requestCancel, requestNow, requeueRun } from "@fjord/db"
import type { Run } from "@fjord/db/prisma"
import { owned, signedIn } from "../access.ts"
import type { Context } from "../context.ts"
import { ConflictError, NotFoundError } from "../expectedError.ts"
import { type GivenOptions, withoutNulls } from "../options.ts"
import { checkedName, checkedText } from "../text.ts"
import { checkedConfig, optionsOf } from "./config.ts"
import { queueRun } from "./queueRun.ts"

const ownedRun = (context: Context, id: string) =>
  owned(context, "EDITOR", "run", context.database.run.findUnique({ where: { id } }))

async function asItIs(context: Context, id: string): Promise<Run> {
  const run = await context.database.run.findUnique({ where: { id } })
  if (run === null) throw new NotFoundError("run")
  return run
}

export async function cancelRun(context: Context, id: string): Promise<Run> {
  await ownedRun(context, id)
  if (!(await requestCancel(context.database, id))) throw new ConflictError("This run has ended already.")
  context.log.info({ runId: id }, "a run is to be cancelled")
  return asItIs(context, id)
}

export async function resumeRun(context: Context, id: string): Promise<Run> {
  await ownedRun(context, id)
  if (!(await requeueRun(context.database, id)))
    throw new ConflictError("Only a failed or cancelled run can be resumed.")
  return asItIs(context, id)
}

export async function retryRun(context: Context, id: string, changes: GivenOptions<TrainingRunOptions>): Promise<Run> {
  const run = await ownedRun(context, id)
  if (run.status === "QUEUED" || run.status === "RUNNING")
    throw new ConflictError("This run has not ended yet; cancel it first.")
  if (run.kind === "TRANSFER") throw new ConflictError("A transfer is not repeated as a new run; resume it instead.")
  const config =
    run.kind === "TRAINING"
      ? checkedConfig(trainingRunConfig, {
          ...trainingRunConfig.parse(run.config),
          options: { ...optionsOf(run.config), ...withoutNulls<TrainingRunOptions>(changes) },
        })
      : generationRunConfig.parse(run.config)
  const { teamId, kind, name, priority, conceptId, datasetVersionId, baseModelId, estimateBytes, estimateSeconds } = run
  return queueRun(context, {
    teamId,
    kind,
    name,
    priority,
    conceptId,
    datasetVersionId,
    baseModelId,
    estimateBytes,
    estimateSeconds,
    config,
    parentId: id,
    createdById: signedIn(context).user.id,
  })
}

export async function saveNow(context: Context, id: string): Promise<Run> {
  await ownedRun(context, id)
  if (!(await requestNow(context.database, id, "save"))) throw new ConflictError("Only a running training run saves.")
  return asItIs(context, id)
}

export async function sampleNow(context: Context, id: string): Promise<Run> {
  await ownedRun(context, id)
  if (!(await requestNow(context.database, id, "sample")))
    throw new ConflictError("Only a running training run draws samples.")
  return asItIs(context, id)
}

export async function updateRun(
  context: Context,
  id: string,
  changes: { name?: string; notes?: string; favourite?: boolean },
): Promise<Run> {
  await ownedRun(context, id)
  const { name, notes, favourite } = changes
  return context.database.run.update({
    where: { id },
    data: {
      ...(name !== undefined && { name: checkedName(name) }),
      ...(notes !== undefined && { notes: checkedText(notes, "notes", 20_000) }),
      ...(favourite !== undefined && { favourite }),
    },
  })
}

/** The condition is part of the statement: a run that is taken up at this moment stays. */
export async function deleteRun(context: Context, id: string): Promise<string> {
  await ownedRun(context, id)
  const ended = { in: ["SUCCEEDED" as const, "FAILED" as const, "CANCELLED" as const] }
  const { count } = await context.database.run.deleteMany({ where: { id, status: ended } })
  if (count === 0) throw new ConflictError("Only an ended run can be deleted; cancel it first.")
  return id
}

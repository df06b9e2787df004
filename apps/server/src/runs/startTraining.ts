/** Starting a training run: what is asked for becomes a row that determines everything. */

import { createHash } from "node:crypto"
import type { DatasetManifest } from "@fjord/contracts"
import { type DatasetVersion, Prisma, type Run } from "@fjord/db/prisma"
import { requireRole } from "../access.ts"
import type { Context } from "../context.ts"
import { ConflictError } from "../expectedError.ts"
import { readiness } from "../models/baseModels.ts"
import { checkedName } from "../text.ts"
import { forecastOf } from "./forecast.ts"
import { prepareTraining, type StartTraining } from "./prepareTraining.ts"
import { queueRun } from "./queueRun.ts"

/** The data set's present pictures and captions as a version; an unchanged data set keeps its last one. */
async function versionOf(context: Context, datasetId: string): Promise<DatasetVersion> {
  const images = await context.database.image.findMany({
    where: { datasetId },
    select: { hash: true, name: true, caption: true },
    orderBy: [{ name: "asc" }, { hash: "asc" }],
  })
  const manifest: DatasetManifest = images
  const hash = createHash("sha256").update(JSON.stringify(manifest)).digest("hex")
  const known = await context.database.datasetVersion.findUnique({ where: { datasetId_hash: { datasetId, hash } } })
  if (known !== null) return known
  const last = await context.database.datasetVersion.aggregate({ where: { datasetId }, _max: { number: true } })
  const number = (last._max.number ?? 0) + 1
  try {
    return await context.database.datasetVersion.create({ data: { datasetId, number, hash, manifest } })
  } catch (error) {
    // Somebody else made one at the same moment: of the same pictures, or with the same number.
    if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === "P2002")
      return versionOf(context, datasetId)
    throw error
  }
}

export async function startTraining(context: Context, input: StartTraining): Promise<Run> {
  const viewer = requireRole(context, input.teamId, "EDITOR")
  const prepared = await prepareTraining(context, input)
  const { concept, dataset, baseModel, imageCount, config } = prepared
  if (imageCount === 0) throw new ConflictError(`The data set ${dataset.name} has no pictures yet.`)
  const { ready, problem } = await readiness(context, baseModel)
  if (!ready) throw new ConflictError(`The base model ${baseModel.name} is not ready: ${problem}`)
  const forecast = await forecastOf(context, prepared)
  const version = await versionOf(context, dataset.id)
  const name = input.name ? checkedName(input.name) : `${concept?.name ?? dataset.name} ${config.options.method}`
  return queueRun(context, {
    teamId: input.teamId,
    createdById: viewer.user.id,
    kind: "TRAINING",
    name,
    config,
    priority: input.priority ?? 0,
    conceptId: concept?.id ?? null,
    datasetVersionId: version.id,
    baseModelId: baseModel.id,
    totalSteps: forecast.steps,
    estimateSeconds: forecast.seconds,
    estimateBytes: forecast.memoryBytes === null ? null : BigInt(Math.round(forecast.memoryBytes)),
  })
}

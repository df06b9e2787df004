/** Transfers: what is pushed to and pulled from the Hub, or imported. */

import { randomUUID } from "node:crypto"
import { type TransferRunConfig, transferRunConfig } from "@fjord/contracts"
import type { Run } from "@fjord/db/prisma"
import { person, requireRole } from "../access.ts"
import type { Context } from "../context.ts"
import { ownedDataset, refuseTakenName } from "../datasets/datasets.ts"
import { ConflictError, InputError } from "../expectedError.ts"
import { ownedBaseModel } from "../models/baseModels.ts"
import { ownedModel } from "../models/models.ts"
import { checkedName } from "../text.ts"
import { checkedConfig } from "./config.ts"
import { readyBaseModel } from "./named.ts"
import { queueRun } from "./queueRun.ts"

type Maybe<Value> = Value | null | undefined

/** Writing at the Hub is done as a person, with their token. */
async function connected(context: Context) {
  const { user } = person(context)
  const account = await context.database.hubAccount.findUnique({ where: { userId: user.id } })
  if (account === null) throw new ConflictError("Connect your account at the Hub first.")
}

export const queueTransfer = (
  context: Context,
  teamId: string,
  name: string,
  config: TransferRunConfig,
  /** What must not be deleted while it waits or runs. */
  baseModelId: string | null = null,
): Promise<Run> =>
  queueRun(context, {
    teamId,
    createdById: context.viewer?.user.id ?? null,
    kind: "TRANSFER",
    name,
    config,
    baseModelId,
  })

export async function pushModel(
  context: Context,
  input: { modelId: string; repo: string; private: boolean },
): Promise<Run> {
  const model = await ownedModel(context, input.modelId)
  await connected(context)
  if ((await context.database.modelFile.count({ where: { modelId: model.id } })) === 0)
    throw new ConflictError("This model has no files yet; wait until the worker has written them.")
  if ((await context.database.modelCardVersion.count({ where: { card: { modelId: model.id } } })) === 0)
    throw new ConflictError("This model has no card yet; the Hub shows a model by its card, so save one first.")
  const config = checkedConfig(transferRunConfig, { kind: "pushModel", ...input })
  return queueTransfer(context, model.teamId, `Push ${model.name} to ${input.repo}`, config)
}

export async function pushDataset(
  context: Context,
  input: {
    datasetId: string
    repo: string
    private: boolean
    split?: Maybe<string>
    licence?: Maybe<string>
    captions: boolean
  },
): Promise<Run> {
  const { datasetId, repo, captions, split, licence } = input
  const dataset = await ownedDataset(context, datasetId)
  await connected(context)
  const config = checkedConfig(transferRunConfig, {
    ...{ kind: "pushDataset" as const, datasetId, repo, private: input.private, captions },
    ...(split && { split }),
    ...(licence && { licence }),
  })
  return queueTransfer(context, dataset.teamId, `Push ${dataset.name} to ${input.repo}`, config)
}

/** The data set appears when the run has succeeded: one that fails leaves no empty one behind. */
export async function pullDataset(
  context: Context,
  input: {
    teamId: string
    hubId: string
    name?: Maybe<string>
    revision?: Maybe<string>
    split?: Maybe<string>
    config?: Maybe<string>
    captionColumn?: Maybe<string>
    imageColumn?: Maybe<string>
  },
): Promise<Run> {
  const { teamId, hubId, name, revision, split, captionColumn, imageColumn } = input
  requireRole(context, teamId, "EDITOR")
  const config = checkedConfig(transferRunConfig, {
    ...{ kind: "pullDataset" as const, datasetId: randomUUID(), repo: hubId },
    ...(name && { name: await refuseTakenName(context, teamId, name) }),
    ...(revision && { revision }),
    ...(split && { split }),
    ...(input.config && { config: input.config }),
    ...(captionColumn && { captionColumn }),
    ...(imageColumn && { imageColumn }),
  })
  return queueTransfer(context, teamId, `Pull ${hubId}`, config)
}

/** The model appears when the run has succeeded. */
export async function pullModel(
  context: Context,
  input: {
    teamId: string
    hubId: string
    name?: Maybe<string>
    revision?: Maybe<string>
    variant?: Maybe<"fp16">
    file?: Maybe<string>
    baseModelId?: Maybe<string>
  },
): Promise<Run> {
  const { teamId, hubId, name, revision, variant, file, baseModelId } = input
  requireRole(context, teamId, "EDITOR")
  if (baseModelId) await readyBaseModel(context, teamId, baseModelId)
  const config = checkedConfig(transferRunConfig, {
    ...{ kind: "pullModel" as const, repo: hubId, modelId: randomUUID() },
    name: checkedName(name ?? hubId.replaceAll("/", " ")),
    ...(revision && { revision }),
    ...(variant && { variant }),
    ...(file && { file }),
    ...(baseModelId && { baseModelId }),
  })
  return queueTransfer(context, teamId, `Pull ${hubId}`, config, baseModelId ?? null)
}

export async function importModel(context: Context, baseModelId: string): Promise<Run> {
  const model = await ownedBaseModel(context, baseModelId)
  if (model.source !== "HUB")
    throw new InputError("Only a base model of the Hub is imported; others are used where they lie.", "baseModelId")
  const waiting = await context.database.run.findFirst({
    where: { kind: "TRANSFER", baseModelId, status: { in: ["QUEUED", "RUNNING"] } },
  })
  if (waiting !== null) throw new ConflictError("This base model is being imported already.")
  return queueTransfer(context, model.teamId, `Import ${model.name}`, { kind: "importModel", baseModelId }, baseModelId)
}

/** Where the model of a run lies on this machine. */

import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { HubError, type HubErrorCode, pullModel } from "@fjord/hub"
import { z } from "zod"
import { AdvisedError } from "./failure.ts"
import type { Job } from "./job.ts"
import { exists, layOutOnce } from "./materialise.ts"
import type { Studio } from "./studio.ts"
import { anonymousConnection, connectionOf } from "./transfers/hub.ts"

const starterFolder = fileURLToPath(new URL("../../../packages/starter/model", import.meta.url))

const gone = (what: string) =>
  new AdvisedError(
    `${what} does not exist any more.`,
    "It was deleted after the run was asked for.",
    "Choose another model and retry.",
  )

const pin = z.looseObject({ baseCommit: z.string().optional() })

/** The Hub commit of the base model that a run's row names. */
export const baseCommitOf = (config: unknown): string | undefined => pin.parse(config).baseCommit

/**
 * The base model of the run itself. One of the Hub stays at the commit that the run's first attempt found, or at that
 * which `trainedOn` names: the one under a LoRA.
 */
export async function pinnedBaseModel(job: Job, baseModelId: string, trainedOn?: string): Promise<string> {
  const { studio, run, owned } = job
  const row = await studio.database.run.findUniqueOrThrow({ where: { id: run.id }, select: { config: true } })
  const config = pin.parse(row.config)
  const { folder, commit } = await openBaseModel(job, baseModelId, config.baseCommit ?? trainedOn)
  if (commit !== undefined && commit !== config.baseCommit)
    await studio.database.run.updateMany({
      where: { id: run.id, attempt: owned.claim.attempt },
      data: { config: JSON.parse(JSON.stringify({ ...config, baseCommit: commit })) },
    })
  return folder
}

/**
 * @param commit of a model of the Hub; the one that the base model is pinned to if absent
 * @returns the folder of a base model, in diffusers' layout, fetched first where it lies elsewhere.
 */
export async function baseModelFolder(job: Job, baseModelId: string, commit?: string): Promise<string> {
  return (await openBaseModel(job, baseModelId, commit)).folder
}

type OpenBaseModel = { readonly folder: string; readonly commit?: string }

async function openBaseModel(job: Job, baseModelId: string, commit: string | undefined): Promise<OpenBaseModel> {
  const { studio } = job
  const model = await studio.database.baseModel.findUnique({ where: { id: baseModelId } })
  if (model === null) throw gone("The base model")
  switch (model.source) {
    case "STARTER":
      if (await exists(join(starterFolder, "model_index.json"))) return { folder: starterFolder }
      throw new AdvisedError(
        "This copy of Fjord has no starter model.",
        `There is nothing in ${starterFolder}.`,
        "Add a Stable Diffusion model as base model, from a folder or from the Hub.",
      )
    case "FOLDER":
      if (await exists(join(model.location, "model_index.json"))) return { folder: model.location }
      throw new AdvisedError(
        `The base model ${model.name} is not at ${model.location} on the machine of this worker.`,
        "The folder was moved, or lies on another machine.",
        "Put the folder there on every worker's machine, or import the model so that all workers share it.",
      )
    case "MODEL":
      return { folder: await modelFolder(studio, model.location) }
    case "HUB":
      return hubFolder(job, { ...model, revision: commit ?? model.revision })
  }
}

/** Where the models of the studio are laid out on this machine. */
export const modelsFolder = ({ environment }: Studio) => join(environment.data, "models")

/** The files of a model of the studio, in a folder that later runs use again. */
export async function modelFolder(studio: Studio, modelId: string): Promise<string> {
  const files = await studio.database.modelFile.findMany({ where: { modelId }, orderBy: { path: "asc" } })
  if (files.length === 0) throw gone("The model, or its files,")
  return layOutOnce(studio.files, join(modelsFolder(studio), modelId), files)
}

/** The account of the run's creator may open what nobody else sees. */
const closed: readonly HubErrorCode[] = ["notFound", "unauthorised", "forbidden", "gated"]

/** A model of the Hub, in this machine's cache of the Hub, at the commit it is pinned to. */
async function hubFolder(
  job: Job,
  { name, location, revision }: { readonly name: string; readonly location: string; readonly revision: string | null },
): Promise<OpenBaseModel> {
  const options = { revision: revision ?? undefined, signal: job.owned.stop }
  // Nobody first: what is public stays usable for people whose token has expired.
  const pulled = await pullModel(anonymousConnection(job.studio), location, options).catch(async (error) => {
    if (!(error instanceof HubError && closed.includes(error.code))) throw error
    const connection = await connectionOf(job, "nothing")
    if (connection.token === undefined) throw error
    return pullModel(connection, location, options)
  })
  if (pulled.kind === "pipeline") return { folder: pulled.folder, commit: pulled.commit }
  throw new AdvisedError(
    `The base model ${name} (${location}) is no folder in diffusers' layout.`,
    "Its repository has no model_index.json.",
    "Choose a repository that has one; most models are published in that layout too.",
  )
}

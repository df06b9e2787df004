/** Base models: adding, checking, deleting. */

import { stat } from "node:fs/promises"
import { basename, isAbsolute, join } from "node:path"
import type { BaseModel, BaseModelSource } from "@fjord/db/prisma"
import { type FolderFacts, folderFacts } from "@fjord/hub"
import { owned, requireRole } from "../access.ts"
import type { Context } from "../context.ts"
import { unlessTaken } from "../datasets/datasets.ts"
import { ConflictError, InputError } from "../expectedError.ts"
import { checkedName, checkedText } from "../text.ts"
import { starterFacts, starterModel } from "./starterModel.ts"

export const ownedBaseModel = (context: Context, id: string) =>
  owned(context, "EDITOR", "base model", context.database.baseModel.findUnique({ where: { id } }))

const hubId = /^[\w][\w.-]{0,95}(\/[\w][\w.-]{0,95})?$/

type Maybe<Value> = Value | null | undefined

/** What the location may be, by source; returns it in its one spelling, with a name. */
const checkedLocation: Record<
  BaseModelSource,
  (
    context: Context,
    teamId: string,
    location: string,
  ) => Promise<{ location: string; name: string } & Partial<FolderFacts>>
> = {
  STARTER: async () => ({ location: starterModel.location, name: starterModel.name, ...(await starterFacts()) }),
  FOLDER: async (_context, _teamId, location) => {
    if (!isAbsolute(location))
      throw new InputError("A folder is given by its absolute path on the workers' machines.", "location")
    return { location, name: basename(location) || location, ...(await folderFacts(location)) }
  },
  HUB: async (_context, _teamId, location) => {
    if (!hubId.test(location) || location.includes("..") || location.includes("--"))
      throw new InputError(`${JSON.stringify(location)} is not a Hub id like user/name.`, "location")
    return { location, name: location }
  },
  MODEL: async (context, teamId, location) => {
    const found = context.database.model.findUnique({ where: { id: location }, include: { baseModel: true } })
    const model = await owned(context, "EDITOR", "model", found)
    if (model.teamId !== teamId) throw new InputError("The model belongs to another team.", "location")
    if (model.kind !== "FULL")
      throw new InputError("A LoRA is no base model; train on its base model instead.", "location")
    return {
      location,
      name: model.name,
      resolution: model.baseModel?.resolution ?? null,
      family: model.baseModel?.family ?? null,
    }
  },
}

export async function addBaseModel(
  context: Context,
  input: { teamId: string; source: BaseModelSource; location: string; revision?: Maybe<string>; name?: Maybe<string> },
): Promise<BaseModel> {
  const { teamId, source } = input
  // A folder is a place on the machines: whoever may name one could read what lies there.
  requireRole(context, teamId, source === "FOLDER" ? "OWNER" : "EDITOR")
  const found = await checkedLocation[source](context, teamId, checkedText(input.location.trim(), "location", 1000))
  const { location, resolution = null, family = null } = found
  const name = checkedName(input.name ?? found.name)
  const revision = source === "HUB" ? checkedText(input.revision ?? "main", "revision", 100) : ""
  const known = await context.database.baseModel.findFirst({ where: { teamId, source, location, revision } })
  // Every team has the starter model from the beginning: adding it again gives the one that is there.
  if (known !== null && source === "STARTER") return known
  if (known !== null) throw new ConflictError(`The team has this base model already, as ${known.name}.`)
  const data = { teamId, source, location, name, revision, resolution, family }
  return unlessTaken("base model", name, context.database.baseModel.create({ data }))
}

export async function deleteBaseModel(context: Context, id: string): Promise<string> {
  await ownedBaseModel(context, id)
  const busy = await context.database.run.count({ where: { baseModelId: id, status: { in: ["QUEUED", "RUNNING"] } } })
  if (busy > 0)
    throw new ConflictError(`${busy} runs that are queued or running need this base model; cancel them first.`)
  await context.database.baseModel.delete({ where: { id } })
  return id
}

type Readiness = { readonly ready: boolean; readonly problem?: string }

const checks: Record<BaseModelSource, (context: Context, model: BaseModel) => Promise<Readiness>> = {
  STARTER: async ({ hasStarterModel }) =>
    hasStarterModel ? { ready: true } : { ready: false, problem: "The starter model is not on this machine." },
  FOLDER: async (_context, { location }) => {
    // Another machine may have the folder where this one has not; the worker decides.
    const index = await stat(join(location, "model_index.json")).catch(() => undefined)
    return index?.isFile()
      ? { ready: true }
      : {
          ready: false,
          problem: `${location} has no model_index.json on the server's machine; it must be a folder in diffusers' layout.`,
        }
  },
  // A worker fetches what it has not got yet.
  HUB: async () => ({ ready: true }),
  MODEL: async ({ loaders }, { location }) =>
    (await loaders.modelBytes(location))
      ? { ready: true }
      : { ready: false, problem: "Its model was deleted or has no files yet." },
}

export const readiness = (context: Context, model: BaseModel): Promise<Readiness> =>
  checks[model.source](context, model)

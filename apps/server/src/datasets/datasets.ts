/** Data sets: making, naming, deleting. */

import { type Dataset, Prisma } from "@fjord/db/prisma"
import { owned, requireRole } from "../access.ts"
import type { Context } from "../context.ts"
import { ConflictError } from "../expectedError.ts"
import { checkedName } from "../text.ts"

const taken = (what: string, name: string) =>
  new ConflictError(`The team has a ${what} named ${JSON.stringify(name)} already; choose another name.`)

/** @throws ConflictError in place of Prisma's error when another row has the name already. */
export async function unlessTaken<Result>(what: string, name: string, write: PromiseLike<Result>): Promise<Result> {
  try {
    return await write
  } catch (error) {
    if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === "P2002") throw taken(what, name)
    throw error
  }
}

export const ownedDataset = (context: Context, id: string, role: "VIEWER" | "EDITOR" = "EDITOR") =>
  owned(context, role, "data set", context.database.dataset.findUnique({ where: { id } }))

/** The sample concept's data set has this name. */
export const sampleName = "Sample concept"

export async function createDataset(context: Context, input: { teamId: string; name: string }): Promise<Dataset> {
  requireRole(context, input.teamId, "EDITOR")
  const name = checkedName(input.name)
  return unlessTaken("data set", name, context.database.dataset.create({ data: { teamId: input.teamId, name } }))
}

/** For a data set that is made later. @returns the name as it is stored. @throws ConflictError when it is taken now. */
export async function refuseTakenName(context: Context, teamId: string, wanted: string): Promise<string> {
  const name = checkedName(wanted)
  if ((await context.database.dataset.count({ where: { teamId, name } })) > 0) throw taken("data set", name)
  return name
}

export async function renameDataset(context: Context, id: string, newName: string): Promise<Dataset> {
  await ownedDataset(context, id)
  const name = checkedName(newName)
  return unlessTaken("data set", name, context.database.dataset.update({ where: { id }, data: { name } }))
}

/** Its versions go with it, so it stays while a run that needs one has not ended. */
export async function deleteDataset(context: Context, id: string): Promise<string> {
  await ownedDataset(context, id)
  const busy = await context.database.run.count({
    where: { datasetVersion: { datasetId: id }, status: { in: ["QUEUED", "RUNNING"] } },
  })
  if (busy > 0)
    throw new ConflictError(`${busy} runs that are queued or running need this data set; cancel them first.`)
  await context.database.dataset.delete({ where: { id } })
  return id
}

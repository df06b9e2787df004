/** What a request names: rows of its team, one of several choices, LoRAs. */

import type { GenerationRunConfig } from "@fjord/contracts"
import type { BaseModel, PrismaClient } from "@fjord/db/prisma"
import { owned } from "../access.ts"
import type { Context } from "../context.ts"
import { ConflictError, InputError } from "../expectedError.ts"
import { readiness } from "../models/baseModels.ts"

type Maybe<Value> = Value | null | undefined

/** @throws InputError unless exactly one has a value. @returns its name and value. */
export function exactlyOne<Name extends string>(choices: Record<Name, Maybe<string>>): [Name, string] {
  const names = Object.keys(choices) as Name[]
  const chosen = names.flatMap((name): [Name, string][] => {
    const value = choices[name]
    return value ? [[name, value]] : []
  })
  const [only] = chosen
  if (only === undefined || chosen.length > 1)
    throw new InputError(`Give exactly one of ${names.join(", ")}; ${chosen.length} are given.`, names[0])
  return only
}

export async function ofTeam<Row extends { teamId: string }>(
  context: Context,
  teamId: string,
  what: string,
  row: PromiseLike<Row | null>,
): Promise<Row> {
  const found = await owned(context, "EDITOR", what, row)
  if (found.teamId !== teamId) throw new InputError(`The ${what} belongs to another team.`)
  return found
}

export async function modelWithFiles(context: Context, teamId: string, id: string) {
  const include = { baseModel: true, _count: { select: { files: true } } }
  const found = await ofTeam(context, teamId, "model", context.database.model.findUnique({ where: { id }, include }))
  if (found._count.files === 0)
    throw new ConflictError("This model has no files yet; wait until the worker has written them.")
  return found
}

/** A base model that a run can start from now. */
export async function readyBaseModel(context: Context, teamId: string, id: string): Promise<BaseModel> {
  const found = context.database.baseModel.findUnique({ where: { id } })
  const baseModel = await ofTeam(context, teamId, "base model", found)
  const { ready, problem } = await readiness(context, baseModel)
  if (!ready) throw new ConflictError(`The base model ${baseModel.name} is not ready: ${problem}`)
  return baseModel
}

export async function checkpointRun(context: Context, teamId: string, id: string) {
  const run = context.database.checkpoint.findUnique({
    where: { id },
    select: { run: { include: { baseModel: true } } },
  })
  return ofTeam(
    context,
    teamId,
    "checkpoint",
    run.then((found) => found?.run ?? null),
  )
}

export type GivenLora = { modelId?: Maybe<string>; checkpointId?: Maybe<string>; weight?: Maybe<number> }

export async function lorasOf(
  context: Context,
  teamId: string,
  given: readonly GivenLora[],
): Promise<GenerationRunConfig["loras"]> {
  const loras: GenerationRunConfig["loras"] = []
  for (const { modelId, checkpointId, weight } of given) {
    const [name, id] = exactlyOne({ modelId, checkpointId })
    if (name === "modelId" && (await modelWithFiles(context, teamId, id)).kind !== "LORA")
      throw new InputError("Only a LoRA can be laid over another model.", "loras")
    if (name === "checkpointId") await checkpointRun(context, teamId, id)
    loras.push({ kind: name === "modelId" ? "model" : "checkpoint", id, weight: weight ?? 1 })
  }
  return loras
}

export type GivenPicture = { imageId?: Maybe<string>; generatedImageId?: Maybe<string>; sampleId?: Maybe<string> }

/** The hash of a picture of a data set, of a generated one, or of a sample. */
export async function pictureHash(context: Context, teamId: string, given: GivenPicture): Promise<string> {
  const { imageId, generatedImageId, sampleId } = given
  const [name, id] = exactlyOne({ imageId, generatedImageId, sampleId })
  return (await ofTeam(context, teamId, "image", pictures[name](context.database, id))).hash
}

type Picture = { readonly hash: string; readonly teamId: string }

const pictures: Record<keyof GivenPicture, (database: PrismaClient, id: string) => Promise<Picture | null>> = {
  async imageId(database, id) {
    const row = await database.image.findUnique({ where: { id }, include: { dataset: true } })
    return row && { hash: row.hash, teamId: row.dataset.teamId }
  },
  async sampleId(database, id) {
    const row = await database.sample.findUnique({ where: { id }, include: { run: true } })
    return row && { hash: row.hash, teamId: row.run.teamId }
  },
  generatedImageId: async (database, id) => database.generatedImage.findUnique({ where: { id } }),
}

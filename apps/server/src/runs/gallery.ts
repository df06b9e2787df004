/** Generated images: finding, keeping, sorting, deleting. */

import type { GeneratedImage, Prisma, PrismaClient } from "@fjord/db/prisma"
import { requireRole, signedIn } from "../access.ts"
import type { Context } from "../context.ts"
import { InputError, NotFoundError } from "../expectedError.ts"
import { ownedBoard } from "./boards.ts"

type Maybe<Value> = Value | null | undefined

type GalleryArguments = {
  teamId: string
  search?: Maybe<string>
  favourite?: Maybe<boolean>
  boardId?: Maybe<string>
  modelId?: Maybe<string>
  runId?: Maybe<string>
  baseModelId?: Maybe<string>
}

export async function galleryFilter(
  database: PrismaClient,
  { teamId, search, favourite, boardId, modelId, runId, baseModelId }: GalleryArguments,
): Promise<Prisma.GeneratedImageWhereInput> {
  const drawnBy = [
    ...(modelId ? [drawnByAny([modelId])] : []),
    ...(runId ? [drawnByAny(await offspring(database, runId))] : []),
    ...(baseModelId ? [{ baseModelId }] : []),
  ]
  return {
    teamId,
    ...(search && { prompt: { contains: search.trim().slice(0, 200), mode: "insensitive" } }),
    ...(favourite != null && { favourite }),
    ...(boardId && { boardId }),
    ...(drawnBy.length > 0 && { run: { AND: drawnBy } }),
  }
}

/** Generations that one of these models or checkpoints drew, alone or as a LoRA on top. */
const drawnByAny = (ids: readonly string[]): Prisma.RunWhereInput => ({
  OR: ids.flatMap((id) => [
    { config: { path: ["generator", "id"], equals: id } },
    { config: { path: ["loras"], array_contains: [{ id }] } },
  ]),
})

/** Ids of what a training run left that can draw. */
async function offspring(database: PrismaClient, runId: string): Promise<string[]> {
  const select = { where: { runId }, select: { id: true } }
  const [models, checkpoints] = await Promise.all([
    database.model.findMany(select),
    database.checkpoint.findMany(select),
  ])
  return [...models, ...checkpoints].map(({ id }) => id)
}

/** @returns the images, all of them editable by whoever asks. */
export async function ownedImages(context: Context, ids: readonly string[]): Promise<GeneratedImage[]> {
  signedIn(context)
  if (ids.length > 1000) throw new InputError(`At most 1000 images at once; these are ${ids.length}.`)
  const images = await context.database.generatedImage.findMany({ where: { id: { in: [...ids] } } })
  if (images.length < new Set(ids).size) throw new NotFoundError("image")
  for (const teamId of new Set(images.map((image) => image.teamId))) requireRole(context, teamId, "EDITOR", "image")
  return images
}

const reread = (context: Context, ids: readonly string[]) =>
  context.database.generatedImage.findMany({ where: { id: { in: [...ids] } } })

export async function setFavourite(context: Context, ids: readonly string[], favourite: boolean) {
  await ownedImages(context, ids)
  await context.database.generatedImage.updateMany({ where: { id: { in: [...ids] } }, data: { favourite } })
  return reread(context, ids)
}

export async function moveToBoard(context: Context, ids: readonly string[], boardId: string | null) {
  const images = await ownedImages(context, ids)
  if (boardId !== null) {
    const { teamId } = await ownedBoard(context, boardId)
    if (images.some((image) => image.teamId !== teamId))
      throw new InputError("The board belongs to another team.", "boardId")
  }
  await context.database.generatedImage.updateMany({ where: { id: { in: [...ids] } }, data: { boardId } })
  return reread(context, ids)
}

export async function deleteGeneratedImages(context: Context, ids: readonly string[]): Promise<string[]> {
  await ownedImages(context, ids)
  await context.database.generatedImage.deleteMany({ where: { id: { in: [...ids] } } })
  return [...ids]
}

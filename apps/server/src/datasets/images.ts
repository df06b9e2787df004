/** Images of data sets: captions, turning and cropping, deleting. */

import { randomUUID } from "node:crypto"
import { rm } from "node:fs/promises"
import { join } from "node:path"
import { recordFile, storingAgain } from "@fjord/db"
import type { Image, Prisma } from "@fjord/db/prisma"
import { requireRole, signedIn } from "../access.ts"
import type { Context } from "../context.ts"
import { ConflictError, InputError, NotFoundError } from "../expectedError.ts"
import { checkedText } from "../text.ts"
import { ownedDataset, unlessTaken } from "./datasets.ts"
import { baseName } from "./sidecars.ts"

const mostAtOnce = 1000

/** @returns the images, all of them editable by whoever asks. */
async function ownedImages(context: Context, ids: readonly string[]) {
  signedIn(context)
  if (ids.length > mostAtOnce) throw new InputError(`At most ${mostAtOnce} images at once; these are ${ids.length}.`)
  const images = await context.database.image.findMany({
    where: { id: { in: [...ids] } },
    include: { dataset: { select: { teamId: true } } },
  })
  if (images.length < new Set(ids).size) throw new NotFoundError("image")
  for (const teamId of new Set(images.map(({ dataset }) => dataset.teamId)))
    requireRole(context, teamId, "EDITOR", "image")
  return images
}

async function touch(context: Context, images: readonly Image[]) {
  const ids = [...new Set(images.map(({ datasetId }) => datasetId))]
  await context.database.dataset.updateMany({ where: { id: { in: ids } }, data: { updatedAt: new Date() } })
}

/** All edits or none. @returns the images in the order of the edits. */
export async function updateCaptions(
  context: Context,
  edits: readonly { imageId: string; caption: string }[],
): Promise<[Image, ...Image[]]> {
  if (edits.length === 0) throw new InputError("There is nothing to edit.", "edits")
  const images = await ownedImages(
    context,
    edits.map(({ imageId }) => imageId),
  )
  for (const { caption } of edits) checkedText(caption, "caption", 5000)
  const [first, ...rest] = await context.database.$transaction(
    edits.map(({ imageId, caption }) =>
      context.database.image.update({ where: { id: imageId }, data: { caption: caption.trim() } }),
    ),
  )
  if (first === undefined) throw new NotFoundError("image")
  await touch(context, images)
  return [first, ...rest]
}

export async function deleteImages(context: Context, ids: readonly string[]): Promise<string[]> {
  const images = await ownedImages(context, ids)
  await context.database.image.deleteMany({ where: { id: { in: [...ids] } } })
  await touch(context, images)
  return images.map(({ id }) => id)
}

export type RemovedImage = {
  readonly datasetId: string
  readonly hash: string
  readonly name: string
  readonly caption: string
  readonly createdAt: Date
}

/** Puts deleted pictures back as they were, from bytes that the sweep has not taken yet. All of them or none. */
export async function restoreImages(context: Context, removed: readonly RemovedImage[]): Promise<Image[]> {
  signedIn(context)
  if (removed.length > mostAtOnce)
    throw new InputError(`At most ${mostAtOnce} images at once; these are ${removed.length}.`)
  const teams = new Map<string, string>()
  for (const datasetId of new Set(removed.map((one) => one.datasetId)))
    teams.set(datasetId, (await ownedDataset(context, datasetId)).teamId)
  const rows: Prisma.ImageUncheckedCreateInput[] = []
  for (const { datasetId, hash, name, caption, createdAt } of removed) {
    if (!(await wantAgain(context, teams.get(datasetId) ?? "", hash)))
      throw new ConflictError(`The bytes of ${baseName(name)} are cleared away already; add the picture again.`)
    const measured = await measure(context, hash)
    rows.push({
      ...measured,
      datasetId,
      hash,
      name: baseName(name),
      caption: checkedText(caption, "caption", 5000),
      createdAt,
    })
  }
  const images = await context.database.$transaction(
    rows.map((data) => {
      const { datasetId, hash } = data
      // A picture that somebody has added again meanwhile stays as it is.
      return context.database.image.upsert({ where: { datasetId_hash: { datasetId, hash } }, create: data, update: {} })
    }),
  )
  await touch(context, images)
  return images
}

/** Takes a file off the list of what is to be swept. @returns whether the team has it still */
function wantAgain({ database, files }: Context, teamId: string, hash: string): Promise<boolean> {
  return database.$transaction(async (transaction) => {
    const where = { teamId_hash: { teamId, hash } }
    const known = await transaction.teamFile.findUnique({ where, include: { file: true } })
    if (known === null) return false
    const { byteSize, mediaType } = known.file
    await recordFile(transaction, files, { hash, byteSize: Number(byteSize), mediaType }, teamId)
    return true
  })
}

/** What the door says of a stored picture. */
async function measure(context: Context, hash: string) {
  const from = join(context.incoming, `restore-${randomUUID()}`)
  const to = `${from}-again`
  try {
    await context.files.copyTo(hash, from)
    const admitted = await context.imageDoor.admit({ from, to, rotate: 0 })
    if ("problem" in admitted) throw new InputError(admitted.problem, "images")
    const { width, height, perceptualHash, sharpness } = admitted
    return { width, height, perceptualHash, sharpness }
  } finally {
    await rm(from, { force: true })
    await rm(to, { force: true })
  }
}

type Edit = { rotate: number; crop?: { x: number; y: number; width: number; height: number } | undefined }

/** The picture is written anew; versions that runs have used keep the old one. */
export async function editImage(context: Context, id: string, { rotate, crop }: Edit): Promise<Image> {
  const [image] = await ownedImages(context, [id])
  if (image === undefined) throw new NotFoundError("image")
  const turn = [0, 90, 180, 270].includes(((rotate % 360) + 360) % 360) ? ((rotate % 360) + 360) % 360 : undefined
  if (turn === undefined)
    throw new InputError(`A picture is turned by 90, 180 or 270 degrees, not by ${rotate}.`, "rotate")
  const from = join(context.incoming, `edit-${randomUUID()}`)
  const to = `${from}-edited`
  try {
    await context.files.copyTo(image.hash, from)
    const admitted = await context.imageDoor.admit({
      from,
      to,
      rotate: turn as 0 | 90 | 180 | 270,
      ...(crop && { crop }),
    })
    if ("problem" in admitted) throw new InputError(admitted.problem, "crop")
    const { width, height, mediaType, perceptualHash, sharpness } = admitted
    const { database, files } = context
    const changed = await storingAgain(async () => {
      const stored = await files.putFile(to)
      if (stored.hash === image.hash) throw new ConflictError("That changes nothing.")
      const data = { hash: stored.hash, width, height, perceptualHash, sharpness }
      const writing = database.$transaction(async (transaction) => {
        await recordFile(transaction, files, { ...stored, mediaType }, image.dataset.teamId)
        return transaction.image.update({ where: { id }, data })
      })
      return unlessTaken("picture", image.name, writing)
    })
    await touch(context, [changed])
    return changed
  } finally {
    await rm(from, { force: true })
    await rm(to, { force: true })
  }
}

/** Images of data sets: captions, turning and cropping, deleting. */

import { randomUUID } from "node:crypto"
import { rm } from "node:fs/promises"
import { join } from "node:path"
import { recordFile } from "@fjord/db"
import type { Image } from "@fjord/db/prisma"
import { requireRole, signedIn } from "../access.ts"
import type { Context } from "../context.ts"
import { ConflictError, InputError, NotFoundError } from "../expectedError.ts"
import { checkedText } from "../text.ts"
import { unlessTaken } from "./datasets.ts"

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
    const admitted = await context.door.admit({ from, to, rotate: turn as 0 | 90 | 180 | 270, ...(crop && { crop }) })
    if ("problem" in admitted) throw new InputError(admitted.problem, "crop")
    const { width, height, mediaType, perceptualHash, sharpness } = admitted
    const stored = await context.files.putFile(to)
    if (stored.hash === image.hash) throw new ConflictError("That changes nothing.")
    await recordFile(context.database, { ...stored, mediaType }, image.dataset.teamId)
    const data = { hash: stored.hash, width, height, perceptualHash, sharpness }
    const changed = await unlessTaken("picture", image.name, context.database.image.update({ where: { id }, data }))
    await touch(context, [changed])
    return changed
  } finally {
    await rm(from, { force: true })
    await rm(to, { force: true })
  }
}

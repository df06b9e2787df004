/** Lets a picture through the door and into a data set. */

import { rm } from "node:fs/promises"
import { recordFile, storingAgain } from "@fjord/db"
import { type Image, Prisma } from "@fjord/db/prisma"
import type { Studio } from "../context.ts"
import { baseName } from "./sidecars.ts"

/** @param to a path that is free, for the picture as it is written anew */
export async function keepPicture(
  studio: Studio,
  { teamId, datasetId }: { readonly teamId: string; readonly datasetId: string },
  picture: {
    readonly name: string
    readonly file: string
    readonly caption: string | undefined
    readonly addedAt?: Date
  },
  to: string,
): Promise<Image | { problem: string }> {
  let hash = ""
  try {
    const admitted = await studio.imageDoor.admit({ from: picture.file, to, rotate: 0 })
    if ("problem" in admitted) return admitted
    const { width, height, mediaType, perceptualHash, sharpness } = admitted
    const { database, files } = studio
    const data = {
      datasetId,
      name: baseName(picture.name),
      caption: (picture.caption ?? "").replaceAll("\0", "").slice(0, 5000),
      width,
      height,
      perceptualHash,
      sharpness,
      ...(picture.addedAt && { createdAt: picture.addedAt }),
    }
    const image = await storingAgain(async () => {
      const stored = await files.putFile(to)
      hash = stored.hash
      return database.$transaction(async (transaction) => {
        await recordFile(transaction, files, { ...stored, mediaType }, teamId)
        return transaction.image.create({ data: { ...data, hash: stored.hash } })
      })
    })
    await database.dataset.update({ where: { id: datasetId }, data: { updatedAt: new Date() } })
    return image
  } catch (error) {
    if (!(error instanceof Prisma.PrismaClientKnownRequestError)) throw error
    if (error.code === "P2002") return { problem: await sameAs(studio, datasetId, hash) }
    if (error.code === "P2003" || error.code === "P2025") return { problem: "The data set was deleted meanwhile." }
    throw error
  } finally {
    await rm(to, { force: true })
  }
}

/** Says which one it is: the same picture under another name is not found by looking. */
async function sameAs({ database }: Studio, datasetId: string, hash: string): Promise<string> {
  const there = await database.image.findUnique({ where: { datasetId_hash: { datasetId, hash } } })
  return `The same picture is in the data set already${there === null ? "" : `, as ${there.name}`}.`
}

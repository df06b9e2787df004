/** The picture that a generation started from. Its settings know the bytes; a team finds them in its gallery or data sets. */

import type { GeneratedImage, Image, PrismaClient, Run } from "@fjord/db/prisma"
import { generationConfigOf } from "./config.ts"

export type StartPicture = {
  readonly strength: number
  /** One of the two, or neither where the picture was deleted since. */
  readonly generatedImage: GeneratedImage | null
  readonly image: Image | null
}

/** @returns null for a generation that started from noise. */
export async function startPictureOf(
  database: PrismaClient,
  { teamId, config }: Pick<Run, "teamId" | "config">,
): Promise<StartPicture | null> {
  const { imageToImage } = generationConfigOf(config)
  if (imageToImage === undefined) return null
  const { hash, strength } = imageToImage
  const generatedImage = await database.generatedImage.findFirst({ where: { hash, teamId } })
  const image =
    generatedImage === null ? await database.image.findFirst({ where: { hash, dataset: { teamId } } }) : null
  return { strength, generatedImage, image }
}

/** What becomes of the bytes sent to an upload address: pictures, archives or captions. */

import { mkdtemp, open, readFile, rm } from "node:fs/promises"
import { join } from "node:path"
import type { Upload } from "@fjord/db/prisma"
import type { Studio } from "../context.ts"
import { ExpectedError, InputError } from "../expectedError.ts"
import { ArchiveRefused, archiveParts } from "./archive.ts"
import { keepPicture } from "./keepPicture.ts"
import { captionFor, isSidecar, maxSidecarBytes, readSidecar } from "./sidecars.ts"
import { keepSettings } from "./uploadedSettings.ts"

export type Received = {
  readonly images: { readonly id: string; readonly name: string }[]
  /** How many captions were set. */
  captions: number
  readonly skipped: { readonly name: string; readonly problem: string }[]
}

const sentence = (error: unknown) => (error instanceof Error ? error.message : String(error))

async function startsLikeZip(file: string) {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0)
    return bytesRead === 4 && buffer.readUInt32LE() === 0x04034b50
  } finally {
    await handle.close()
  }
}

/**
 * @param file where the bytes lie
 * @throws ExpectedError when nothing of it could be used; the address then stays open for another try
 */
export async function receiveUpload(studio: Studio, upload: Upload, file: string): Promise<Received> {
  const { id, teamId, datasetId, fileName } = upload
  if (datasetId === null) throw new InputError("The data set of this upload was deleted.")
  const folder = await mkdtemp(join(studio.incoming, "upload-"))
  const received: Received = { images: [], captions: 0, skipped: [] }
  try {
    if (await startsLikeZip(file)) await receiveArchive(studio, { teamId, datasetId }, file, folder, received)
    else if (isSidecar(fileName)) await receiveCaptions(studio, datasetId, fileName, file, received)
    else {
      await keepSettings(studio, id, file)
      await keepOne(
        studio,
        { teamId, datasetId },
        { name: fileName, file, caption: undefined, addedAt: upload.createdAt },
        folder,
        received,
      )
    }
    const [first] = received.skipped
    const nothing = received.images.length === 0 && received.captions === 0
    if (nothing) throw new InputError(first === undefined ? "It has no pictures in it." : saidOf(first, fileName))
    await studio.database.upload.update({ where: { id }, data: { status: "STORED" } })
    return received
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error
    await studio.database.upload.update({ where: { id }, data: { status: "REFUSED", problem: error.message } })
    throw error
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Of a picture in an archive the name is said too; whoever sent the picture itself knows it. */
const saidOf = ({ name, problem }: Received["skipped"][number], fileName: string) =>
  name === fileName ? problem : `${name}: ${problem}`

type Place = { readonly teamId: string; readonly datasetId: string }

async function keepOne(
  studio: Studio,
  place: Place,
  picture: { name: string; file: string; caption: string | undefined; addedAt?: Date },
  folder: string,
  received: Received,
) {
  const kept = await keepPicture(studio, place, picture, join(folder, "admitted"))
  if ("problem" in kept) received.skipped.push({ name: picture.name, problem: kept.problem })
  else received.images.push({ id: kept.id, name: kept.name })
}

/** Pictures wait until all captions of the archive have been read. */
async function receiveArchive(studio: Studio, place: Place, file: string, folder: string, received: Received) {
  const captions = new Map<string, string>()
  const pictures: { path: string; file: string }[] = []
  try {
    for await (const part of archiveParts(file, folder)) {
      if (part.kind === "picture") pictures.push(part)
      else
        try {
          for (const [path, caption] of readSidecar(part.path, await readFile(part.file, "utf8")))
            captions.set(path, caption)
        } catch (error) {
          received.skipped.push({ name: part.path, problem: sentence(error) })
        }
    }
  } catch (error) {
    if (error instanceof ArchiveRefused) throw new InputError(error.message)
    throw error
  }
  for (const picture of pictures) {
    const caption = captionFor(captions, picture.path)
    if (caption !== undefined) received.captions++
    await keepOne(studio, place, { name: picture.path, file: picture.file, caption }, folder, received)
  }
}

/** Captions that are sent by themselves are for pictures that are there already. */
async function receiveCaptions(studio: Studio, datasetId: string, name: string, file: string, received: Received) {
  const text = await readFile(file)
  if (text.byteLength > maxSidecarBytes) throw new InputError(`Captions have at most ${maxSidecarBytes} bytes.`)
  let captions: Map<string, string>
  try {
    captions = readSidecar(name, text.toString("utf8"))
  } catch (error) {
    throw new InputError(`${name}: ${sentence(error)}`)
  }
  const images = await studio.database.image.findMany({ where: { datasetId }, select: { id: true, name: true } })
  for (const image of images) {
    const caption = captionFor(captions, image.name)
    if (caption === undefined) continue
    await studio.database.image.update({
      where: { id: image.id },
      data: { caption: caption.replaceAll("\0", "").slice(0, 5000) },
    })
    received.captions++
  }
  if (received.captions === 0)
    received.skipped.push({
      name,
      problem: "No picture of the data set has this name; send the pictures first, then this.",
    })
}

/** Signed addresses for files of a data set, and for files of models. */

import { randomUUID } from "node:crypto"
import type { Upload } from "@fjord/db/prisma"
import { refusePickle } from "@fjord/diffusion/modelFile"
import { requireRole } from "../access.ts"
import type { Context, Studio } from "../context.ts"
import { ForbiddenError, InputError } from "../expectedError.ts"
import { requireRoom } from "../files/storage.ts"
import { ownedDataset } from "./datasets.ts"
import { baseName } from "./sidecars.ts"

export type UploadAddress = { readonly uploadId: string; readonly url: string; readonly expiresAt: Date }

const lifetimeMs = 3600 * 1000
const purpose = "upload"

/** The address itself is the permission: whoever has it may send this one file until it expires. */
function addressOf(studio: Pick<Studio, "keys">, id: string, expiresAt: Date) {
  const text = `${id}.${expiresAt.getTime()}`
  return `/uploads/${text}.${studio.keys.sign(purpose, text)}`
}

type AnnouncedFile = { readonly name: string; readonly byteSize?: number | null | undefined }

export async function requestUploads(
  context: Context,
  datasetId: string,
  files: readonly AnnouncedFile[],
): Promise<UploadAddress[]> {
  const { teamId } = await ownedDataset(context, datasetId)
  if (files.length === 0 || files.length > 1000)
    throw new InputError(`Between 1 and 1000 files at once; these are ${files.length}.`, "files")
  return addresses(context, { teamId, datasetId }, files, context.environment.FJORD_MAX_UPLOAD_BYTES)
}

/** An address for a .safetensors file that is to be imported. */
export async function requestModelUpload(
  context: Context,
  teamId: string,
  file: AnnouncedFile,
): Promise<UploadAddress> {
  requireRole(context, teamId, "EDITOR")
  const name = baseName(file.name)
  try {
    refusePickle(name)
  } catch (error) {
    throw new InputError(error instanceof Error ? error.message : String(error), "file")
  }
  if (!/\.safetensors$/i.test(name)) throw new InputError(`${name} does not end in .safetensors.`, "file")
  const [address] = await addresses(context, { teamId }, [file], context.environment.FJORD_MAX_MODEL_BYTES)
  if (address === undefined) throw new Error("One file was given no address.")
  return address
}

async function addresses(
  context: Context,
  place: { readonly teamId: string; readonly datasetId?: string },
  files: readonly AnnouncedFile[],
  most: number,
): Promise<UploadAddress[]> {
  const tooLarge = files.find(({ byteSize }) => (byteSize ?? 0) > most)
  if (tooLarge !== undefined)
    throw new InputError(
      `${baseName(tooLarge.name)} has ${tooLarge.byteSize} bytes; at most ${most} are accepted.`,
      "files",
    )
  await requireRoom(
    context,
    place.teamId,
    files.reduce((sum, { byteSize }) => sum + Math.max(0, byteSize ?? 0), 0),
  )
  const now = Date.now()
  const expiresAt = new Date(now + lifetimeMs)
  const rows = files.map(({ name, byteSize }, index) => ({
    id: randomUUID(),
    ...place,
    fileName: baseName(name),
    byteSize: byteSize == null ? null : BigInt(Math.max(0, Math.floor(byteSize))),
    expiresAt,
    // Pictures are listed in the order in which they were named, whichever arrives first.
    createdAt: new Date(now + index),
  }))
  await context.database.upload.createMany({ data: rows })
  return rows.map(({ id }) => ({ uploadId: id, url: addressOf(context, id, expiresAt), expiresAt }))
}

/** @returns the upload behind a signed address. @throws ForbiddenError */
export async function uploadOfAddress(studio: Studio, address: string): Promise<Upload> {
  const dot = address.lastIndexOf(".")
  const text = address.slice(0, dot)
  const [id = "", until = "0"] = text.split(".")
  if (dot < 0 || !studio.keys.verify(purpose, text, address.slice(dot + 1)))
    throw new ForbiddenError("This upload address is not valid.")
  if (Number(until) < Date.now()) throw new ForbiddenError("This upload address has expired; request a new one.")
  const upload = await studio.database.upload.findUnique({ where: { id } })
  if (upload === null) throw new ForbiddenError("This upload address belongs to something that was deleted.")
  if (upload.status === "STORED") throw new ForbiddenError("This upload address has been used; request a new one.")
  return upload
}

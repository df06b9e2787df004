/** Signed addresses for files of a data set. */

import { randomUUID } from "node:crypto"
import type { Upload } from "@fjord/db/prisma"
import type { Context, Studio } from "../context.ts"
import { ForbiddenError, InputError } from "../expectedError.ts"
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

export async function requestUploads(
  context: Context,
  datasetId: string,
  files: readonly { name: string; byteSize?: number | null | undefined }[],
): Promise<UploadAddress[]> {
  const { teamId } = await ownedDataset(context, datasetId)
  if (files.length === 0 || files.length > 1000)
    throw new InputError(`Between 1 and 1000 files at once; these are ${files.length}.`, "files")
  const most = context.environment.FJORD_MAX_UPLOAD_BYTES
  const tooLarge = files.find(({ byteSize }) => (byteSize ?? 0) > most)
  if (tooLarge !== undefined)
    throw new InputError(
      `${baseName(tooLarge.name)} has ${tooLarge.byteSize} bytes; at most ${most} are accepted.`,
      "files",
    )
  const now = Date.now()
  const expiresAt = new Date(now + lifetimeMs)
  const rows = files.map(({ name, byteSize }, index) => ({
    id: randomUUID(),
    teamId,
    datasetId,
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
  if (upload === null) throw new ForbiddenError("This upload address belongs to a data set that was deleted.")
  if (upload.status === "STORED") throw new ForbiddenError("This upload address has been used; request a new one.")
  return upload
}

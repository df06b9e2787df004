/** Settings that other programs, and Fjord, write into PNG files: kept for an hour after an upload, for "make it again". */

import { open } from "node:fs/promises"
import { teamIds } from "../access.ts"
import type { Context, Studio } from "../context.ts"
import { imageSettingsOf } from "./pngText.ts"

const key = (uploadId: string) => `settings of upload ${uploadId}`
/** Text stands before the pixels. */
const headBytes = 256 * 1024

export async function keepSettings(studio: Studio, uploadId: string, file: string): Promise<void> {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0)
    const settings = imageSettingsOf(buffer.subarray(0, bytesRead))
    if (settings === null) return
    await studio.database.setting.upsert({
      where: { key: key(uploadId) },
      create: { key: key(uploadId), value: settings },
      update: { value: settings },
    })
  } finally {
    await handle.close()
  }
}

export async function uploadedSettings(context: Context, uploadId: string): Promise<unknown> {
  const upload = await context.database.upload.findFirst({ where: { id: uploadId, teamId: { in: teamIds(context) } } })
  if (upload === null) return null
  const row = await context.database.setting.findUnique({ where: { key: key(uploadId) } })
  return row?.value ?? null
}

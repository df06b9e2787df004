/** Addresses of files: unguessable, per team, relative to the studio's own. */

import type { Context } from "../context.ts"

/** Sides of thumbnails in pixels; others are rounded up, so that few are made. */
export const thumbnailSizes = [128, 256, 384, 512, 768, 1024] as const

export const thumbnailSize = (wanted: number) => thumbnailSizes.find((size) => size >= wanted) ?? 1024

export async function fileUrl(context: Pick<Context, "loaders">, teamId: string, hash: string): Promise<string> {
  const id = await context.loaders.fileAddress(`${teamId} ${hash}`)
  if (id === undefined) throw new Error(`The file ${hash} is not recorded for the team ${teamId}.`)
  return `/files/${id}`
}

export const thumbnailUrl = async (context: Pick<Context, "loaders">, teamId: string, hash: string, size: number) =>
  `${await fileUrl(context, teamId, hash)}?size=${thumbnailSize(size)}`

export const downloadUrl = async (context: Pick<Context, "loaders">, teamId: string, hash: string, name: string) =>
  `${await fileUrl(context, teamId, hash)}?download=${encodeURIComponent(name)}`

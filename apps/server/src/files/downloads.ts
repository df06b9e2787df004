/** What a download as ZIP file contains. */

import type { FileStore } from "@fjord/db"
import type { PrismaClient } from "@fjord/db/prisma"
import { teamIds } from "../access.ts"
import type { Context } from "../context.ts"
import { NotFoundError } from "../expectedError.ts"
import type { ZipEntry } from "./zipStream.ts"

export type Download = { readonly name: string; readonly entries: Iterable<ZipEntry> | AsyncIterable<ZipEntry> }

const stored = (files: FileStore, rows: readonly { path: string; hash: string }[]): ZipEntry[] =>
  rows.map(({ path, hash }) => ({ path, open: () => files.open(hash) }))

const text = (path: string, content: string): ZipEntry => ({
  path,
  open: async function* () {
    yield Buffer.from(content)
  },
})

async function latestCard(database: PrismaClient, modelId: string) {
  const version = await database.modelCardVersion.findFirst({
    where: { card: { modelId } },
    orderBy: { number: "desc" },
  })
  return version?.markdown
}

export async function modelDownload(context: Context, id: string): Promise<Download> {
  const { database, files } = context
  const model = await database.model.findFirst({
    where: { id, teamId: { in: teamIds(context) } },
    include: { files: { orderBy: { path: "asc" } } },
  })
  if (model === null) throw new NotFoundError("model")
  const card = await latestCard(database, id)
  const rows = model.files.filter(({ path }) => card === undefined || path !== "README.md")
  return {
    name: model.name,
    entries: [...stored(files, rows), ...(card === undefined ? [] : [text("README.md", card)])],
  }
}

export async function checkpointDownload(context: Context, runId: string, id: string): Promise<Download> {
  const checkpoint = await context.database.checkpoint.findFirst({
    where: { id, runId, run: { teamId: { in: teamIds(context) } } },
    include: { files: { orderBy: { path: "asc" } }, run: true },
  })
  if (checkpoint === null) throw new NotFoundError("checkpoint")
  return { name: `${checkpoint.run.name} step ${checkpoint.step}`, entries: stored(context.files, checkpoint.files) }
}

/** What a run has left to be downloaded. */
export async function runFilesDownload(context: Context, id: string): Promise<Download> {
  const run = await context.database.run.findFirst({
    where: { id, teamId: { in: teamIds(context) }, files: { some: {} } },
    include: { files: { orderBy: { path: "asc" } } },
  })
  if (run === null) throw new NotFoundError("run with files")
  return { name: run.name, entries: stored(context.files, run.files) }
}

const endings: Readonly<Record<string, string>> = { "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp" }

/** Pictures under numbered names with their captions beside them and in metadata.jsonl: an image folder of the Hub. */
export async function datasetDownload(context: Context, id: string): Promise<Download> {
  const { database, files } = context
  const dataset = await database.dataset.findFirst({ where: { id, teamId: { in: teamIds(context) } } })
  if (dataset === null) throw new NotFoundError("data set")
  const images = await database.image.findMany({
    where: { datasetId: id },
    include: { file: true },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
  })
  const width = String(images.length).length
  const named = images.map((image, i) => {
    const stem = image.name
      .replace(/\.[^.]*$/, "")
      .replace(/[^\w -]/g, "_")
      .slice(0, 80)
    const path = `${String(i + 1).padStart(width, "0")} ${stem}.${endings[image.file.mediaType] ?? "bin"}`
    return { path, hash: image.hash, caption: image.caption }
  })
  const metadata = named.map(({ path, caption }) => JSON.stringify({ file_name: path, text: caption }))
  return { name: dataset.name, entries: [...stored(files, named), text("metadata.jsonl", `${metadata.join("\n")}\n`)] }
}

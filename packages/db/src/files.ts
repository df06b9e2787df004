/** Rows of stored files. */

import { randomUUID } from "node:crypto"
import type { Prisma } from "../generated/prisma/client.ts"
import type { FileStore, StoredFile } from "./fileStore.ts"

/** The bytes were swept between being stored and getting their row; storing them again helps. */
export class FileSwept extends Error {
  override readonly name = "FileSwept"
  constructor(hash: string) {
    super(`The file ${hash} was swept while it was being stored a second time; store it again.`)
  }
}

/**
 * Makes a stored file known, and readable for a team.
 * @param transaction in which the row is written too that refers to the file
 * @returns the address of the team's file
 * @throws FileSwept see `storingAgain`
 */
export async function recordFile(
  transaction: Prisma.TransactionClient,
  files: Pick<FileStore, "has">,
  file: StoredFile & { readonly mediaType: string },
  teamId: string,
): Promise<string> {
  const { hash, byteSize, mediaType } = file
  // Waits for whoever writes or sweeps this very file.
  await transaction.$executeRaw`
    INSERT INTO "File" (hash, "byteSize", "mediaType") VALUES (${hash}, ${BigInt(byteSize)}, ${mediaType})
    ON CONFLICT (hash) DO UPDATE SET "createdAt" = now()`
  // A statement of its own sees what they did. It waits for whoever removes the bytes.
  const [row] = await transaction.$queryRaw<{ id: string; swept: boolean }[]>`
    WITH known AS (
      INSERT INTO "TeamFile" (id, "teamId", hash) VALUES (${randomUUID()}, ${teamId}, ${hash})
      ON CONFLICT ("teamId", hash) DO UPDATE SET hash = excluded.hash RETURNING id
    ), freed AS (
      DELETE FROM "FreedFile" WHERE hash = ${hash} RETURNING "sweptAt"
    )
    SELECT id, EXISTS (SELECT 1 FROM freed WHERE "sweptAt" IS NOT NULL) AS swept FROM known`
  if (row === undefined || (row.swept && !(await files.has(hash)))) throw new FileSwept(hash)
  return row.id
}

/** Stores bytes and records them, again where a sweep of the same bytes came between the two. */
export async function storingAgain<Result>(storeAndRecord: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await storeAndRecord()
    } catch (error) {
      if (!(error instanceof FileSwept)) throw error
    }
  }
}

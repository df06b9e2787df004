/** Who may fetch a file: members of its team, and holders of a share link that shows it. */

import type { PrismaClient, TeamFile } from "@fjord/db/prisma"
import type { Viewer } from "../access.ts"
import { NotFoundError } from "../expectedError.ts"
import { linkShowsFile, openShareLink } from "../sharing/shareLinks.ts"

/** @throws NotFoundError alike for what is not there and what is not theirs. */
export async function fileFor(
  database: PrismaClient,
  viewer: Viewer | null,
  id: string,
  shareToken: string | undefined,
): Promise<TeamFile & { file: { byteSize: bigint; mediaType: string } }> {
  const found = await database.teamFile.findUnique({ where: { id }, include: { file: true } })
  if (found === null) throw new NotFoundError("file")
  if (viewer?.roles.has(found.teamId)) return found
  if (shareToken === undefined) throw new NotFoundError("file")
  const link = await openShareLink(database, shareToken)
  if (link === null || link.teamId !== found.teamId || !(await linkShowsFile(database, link, found.hash)))
    throw new NotFoundError("file")
  return found
}

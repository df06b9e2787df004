/** Share links: a token for exactly one thing; stored is its hash. */

import type { PrismaClient, ShareKind, ShareLink } from "@fjord/db/prisma"
import { owned, signedIn } from "../access.ts"
import type { Context } from "../context.ts"
import { ConflictError, InputError } from "../expectedError.ts"
import { newToken, tokenHash } from "../keys.ts"
import type { Loaders } from "../loaders.ts"

/** The row that a link of this kind shows. */
const targets: Record<ShareKind, (database: PrismaClient, id: string) => PromiseLike<{ teamId: string } | null>> = {
  MODEL_CARD: (database, id) => database.model.findUnique({ where: { id } }),
  RUN: (database, id) => database.run.findUnique({ where: { id } }),
  BOARD: (database, id) => database.board.findUnique({ where: { id } }),
}
const names: Record<ShareKind, string> = { MODEL_CARD: "model", RUN: "run", BOARD: "board" }

/** The name of what a link shows, for its team; null where that was deleted. */
export async function nameOfShared(loaders: Loaders, kind: ShareKind, targetId: string): Promise<string | null> {
  const shown = { MODEL_CARD: loaders.model, RUN: loaders.run, BOARD: loaders.board }[kind]
  return (await shown(targetId))?.name ?? null
}

export async function createShareLink(
  context: Context,
  input: { kind: ShareKind; targetId: string; expiresAt?: Date | null | undefined },
): Promise<{ shareLink: ShareLink; url: string }> {
  const { kind, targetId, expiresAt } = input
  const { teamId } = await owned(context, "EDITOR", names[kind], targets[kind](context.database, targetId))
  if (expiresAt && expiresAt <= new Date()) throw new InputError("The link would have expired already.", "expiresAt")
  if (kind === "MODEL_CARD" && (await context.database.modelCard.count({ where: { modelId: targetId } })) === 0)
    throw new ConflictError("This model has no card yet; save one first.")
  const { token, hash } = newToken("share")
  const data = {
    teamId,
    kind,
    targetId,
    tokenHash: hash,
    expiresAt: expiresAt ?? null,
    createdById: signedIn(context).user.id,
  }
  const shareLink = await context.database.shareLink.create({ data })
  return { shareLink, url: `${context.url}/shared/${token}` }
}

export async function revokeShareLink(context: Context, id: string): Promise<ShareLink> {
  const link = await owned(context, "EDITOR", "share link", context.database.shareLink.findUnique({ where: { id } }))
  return context.database.shareLink.update({ where: { id }, data: { revokedAt: link.revokedAt ?? new Date() } })
}

/** @returns the link that this token opens now. */
export const openShareLink = (database: PrismaClient, token: string) =>
  database.shareLink.findFirst({
    where: {
      tokenHash: tokenHash(token),
      revokedAt: null,
      OR: [{ expiresAt: null }, { expiresAt: { gt: new Date() } }],
    },
  })

/** Whether what the link shows has this file in it. */
export async function linkShowsFile(database: PrismaClient, link: ShareLink, hash: string): Promise<boolean> {
  const { kind, targetId, teamId } = link
  if (kind === "BOARD") return (await database.generatedImage.count({ where: { boardId: targetId, teamId, hash } })) > 0
  const runId = kind === "RUN" ? targetId : (await database.model.findUnique({ where: { id: targetId } }))?.runId
  if (runId == null) return false
  const [samples, images] = await Promise.all([
    database.sample.count({ where: { runId, hash, run: { teamId } } }),
    database.generatedImage.count({ where: { runId, hash, teamId } }),
  ])
  return samples + images > 0
}

/** Boards of generated images. */

import type { Board } from "@fjord/db/prisma"
import { owned, requireRole } from "../access.ts"
import type { Context } from "../context.ts"
import { unlessTaken } from "../datasets/datasets.ts"
import { checkedName } from "../text.ts"

export const ownedBoard = (context: Context, id: string) =>
  owned(context, "EDITOR", "board", context.database.board.findUnique({ where: { id } }))

export async function createBoard(context: Context, input: { teamId: string; name: string }): Promise<Board> {
  requireRole(context, input.teamId, "EDITOR")
  const name = checkedName(input.name)
  return unlessTaken("board", name, context.database.board.create({ data: { teamId: input.teamId, name } }))
}

export async function renameBoard(context: Context, id: string, newName: string): Promise<Board> {
  await ownedBoard(context, id)
  const name = checkedName(newName)
  return unlessTaken("board", name, context.database.board.update({ where: { id }, data: { name } }))
}

export async function deleteBoard(context: Context, id: string): Promise<string> {
  await ownedBoard(context, id)
  await context.database.board.delete({ where: { id } })
  return id
}

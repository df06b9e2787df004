/** Boards: collections of generated images. */

import { requireRole, teamIds } from "../access.ts"
import { createBoard, deleteBoard, renameBoard } from "../runs/boards.ts"
import { builder } from "./builder.ts"
import { Board } from "./nodes.ts"
import { most } from "./paging.ts"

builder.prismaObjectFields(Board, (t) => ({
  name: t.exposeString("name"),
  imageCount: t.int({ resolve: ({ id }, _args, { loaders }) => loaders.boardImages(id).then((count) => count ?? 0) }),
  images: t.relatedConnection("images", {
    cursor: "id",
    totalCount: true,
    query: { orderBy: [{ createdAt: "desc" }, { id: "desc" }] },
  }),
  createdAt: t.expose("createdAt", { type: "DateTime" }),
}))

builder.queryFields((t) => ({
  board: t.prismaField({
    type: Board,
    nullable: true,
    args: { id: t.arg.id({ required: true }) },
    resolve: (query, _root, { id }, context) =>
      context.database.board.findFirst({ ...query, where: { id, teamId: { in: teamIds(context) } } }),
  }),
  boards: t.prismaField({
    type: [Board],
    args: { teamId: t.arg.id({ required: true }) },
    resolve: (query, _root, { teamId }, context) => {
      requireRole(context, teamId, "VIEWER")
      return context.database.board.findMany({ ...query, where: { teamId }, orderBy: { name: "asc" }, take: most })
    },
  }),
}))

builder.mutationFields((t) => ({
  createBoard: t.field({
    type: Board,
    errors: {},
    args: { teamId: t.arg.id({ required: true }), name: t.arg.string({ required: true }) },
    resolve: (_root, args, context) => createBoard(context, args),
  }),
  renameBoard: t.field({
    type: Board,
    errors: {},
    args: { id: t.arg.id({ required: true }), name: t.arg.string({ required: true }) },
    resolve: (_root, { id, name }, context) => renameBoard(context, id, name),
  }),
  deleteBoard: t.field({
    type: "ID",
    errors: {},
    description: "Deletes the board; its images stay in the gallery.",
    args: { id: t.arg.id({ required: true }) },
    resolve: (_root, { id }, context) => deleteBoard(context, id),
  }),
}))

/** Model cards: drafted from what is known, checked, kept in versions. */

import { type ModelCardVersion, Prisma } from "@fjord/db/prisma"
import { signedIn } from "../access.ts"
import type { Context } from "../context.ts"
import { ConflictError } from "../expectedError.ts"
import { checkedText } from "../text.ts"
import { ownedModel } from "./models.ts"

export type CardProblemShape = { readonly field: string | null; readonly message: string }

export async function saveModelCard(context: Context, modelId: string, markdown: string): Promise<ModelCardVersion> {
  await ownedModel(context, modelId)
  checkedText(markdown, "markdown", 500_000)
  const { database } = context
  const card = await database.modelCard.upsert({ where: { modelId }, create: { modelId }, update: {} })
  const last = await database.modelCardVersion.aggregate({ where: { cardId: card.id }, _max: { number: true } })
  const number = (last._max.number ?? 0) + 1
  const data = { cardId: card.id, number, markdown, createdById: signedIn(context).user.id }
  try {
    return await database.modelCardVersion.create({ data })
  } catch (error) {
    if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === "P2002")
      throw new ConflictError(
        "Somebody else saved this card at the same moment; look at their version, then save again.",
      )
    throw error
  }
}

export function cardProblems(_markdown: string): CardProblemShape[] {
  return []
}

export async function draftModelCard(context: Context, modelId: string): Promise<string> {
  const model = await ownedModel(context, modelId, "VIEWER")
  return `# ${model.name}\n`
}

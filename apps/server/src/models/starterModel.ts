/** The model that ships with Fjord, as a base model of a team. */

import { fileURLToPath } from "node:url"
import type { PrismaClient } from "@fjord/db/prisma"
import { type FolderFacts, folderFacts } from "@fjord/hub"

export const starterFolder = fileURLToPath(new URL("../../../../packages/starter/model", import.meta.url))

export const starterModel = { source: "STARTER", location: "starter", name: "Starter model" } as const

export const starterFacts = async (): Promise<FolderFacts> => ({
  ...(await folderFacts(starterFolder)),
  family: "starter",
})

/** Gives a new team the starter model where it ships with this copy, so that a first run needs nothing else. */
export async function giveStarterModel(database: PrismaClient, teamId: string): Promise<void> {
  const facts = await starterFacts()
  if (facts.resolution === null) return
  await database.baseModel.create({ data: { teamId, ...starterModel, revision: "", ...facts } })
}

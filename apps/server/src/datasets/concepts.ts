/** Concepts: a subject with its words and its pictures. */

import type { Concept } from "@fjord/db/prisma"
import { owned, requireRole } from "../access.ts"
import type { Context } from "../context.ts"
import { InputError } from "../expectedError.ts"
import { checkedName } from "../text.ts"
import { ownedDataset } from "./datasets.ts"

type Words = { name: string; identifier: string; classNoun: string }

const ownedConcept = (context: Context, id: string) =>
  owned(context, "EDITOR", "concept", context.database.concept.findUnique({ where: { id } }))

async function datasetOfTeam(context: Context, teamId: string, datasetId: string) {
  const dataset = await ownedDataset(context, datasetId)
  if (dataset.teamId !== teamId) throw new InputError("The data set belongs to another team.", "datasetId")
  return datasetId
}

export async function createConcept(
  context: Context,
  input: Words & { teamId: string; datasetId?: string | null | undefined },
): Promise<Concept> {
  const { teamId, datasetId } = input
  requireRole(context, teamId, "EDITOR")
  return context.database.concept.create({
    data: {
      teamId,
      name: checkedName(input.name),
      identifier: checkedName(input.identifier, "identifier"),
      classNoun: checkedName(input.classNoun, "classNoun"),
      datasetId: datasetId ? await datasetOfTeam(context, teamId, datasetId) : null,
    },
  })
}

export async function updateConcept(
  context: Context,
  id: string,
  changes: { [Key in keyof Words]?: string | null | undefined } & { datasetId?: string | null | undefined },
): Promise<Concept> {
  const { teamId } = await ownedConcept(context, id)
  const { name, identifier, classNoun, datasetId } = changes
  return context.database.concept.update({
    where: { id },
    data: {
      ...(name != null && { name: checkedName(name) }),
      ...(identifier != null && { identifier: checkedName(identifier, "identifier") }),
      ...(classNoun != null && { classNoun: checkedName(classNoun, "classNoun") }),
      ...(datasetId !== undefined && {
        datasetId: datasetId === null ? null : await datasetOfTeam(context, teamId, datasetId),
      }),
    },
  })
}

export async function deleteConcept(context: Context, id: string): Promise<string> {
  await ownedConcept(context, id)
  await context.database.concept.delete({ where: { id } })
  return id
}

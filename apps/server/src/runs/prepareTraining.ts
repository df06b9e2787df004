/** What a request for training names and what follows from it: the same for a start and for a forecast. */

import { type TrainingRunOptions, trainingRunConfig } from "@fjord/contracts"
import type { BaseModel, Concept, Dataset, Role } from "@fjord/db/prisma"
import { owned } from "../access.ts"
import type { Context } from "../context.ts"
import { InputError } from "../expectedError.ts"
import { type GivenOptions, withoutNulls } from "../options.ts"
import { checkedConfig } from "./config.ts"

export type StartTraining = {
  teamId: string
  name?: string | null | undefined
  conceptId?: string | null | undefined
  datasetId?: string | null | undefined
  baseModelId: string
  options?: GivenOptions<TrainingRunOptions> | null | undefined
  priority?: number | null | undefined
}

export type PreparedTraining = {
  readonly concept: Concept | null
  readonly dataset: Dataset
  readonly baseModel: BaseModel
  readonly imageCount: number
  readonly config: ReturnType<typeof trainingRunConfig.parse>
}

function ofTeam<Row extends { teamId: string }>(row: Row, teamId: string, field: string): Row {
  if (row.teamId !== teamId) throw new InputError("It belongs to another team.", field)
  return row
}

/** Finds what the input names and fills in what follows from it. @throws InputError and the like; see the schema. */
export async function prepareTraining(
  context: Context,
  input: StartTraining,
  role: Role = "EDITOR",
): Promise<PreparedTraining> {
  const { database } = context
  const { teamId, conceptId, datasetId, baseModelId } = input
  const concept = conceptId
    ? ofTeam(
        await owned(context, role, "concept", database.concept.findUnique({ where: { id: conceptId } })),
        teamId,
        "conceptId",
      )
    : null
  const id = datasetId ?? concept?.datasetId
  if (id == null) throw new InputError("Name a data set, or a concept that has one.", "datasetId")
  const dataset = ofTeam(
    await owned(context, role, "data set", database.dataset.findUnique({ where: { id } })),
    teamId,
    "datasetId",
  )
  const model = owned(context, role, "base model", database.baseModel.findUnique({ where: { id: baseModelId } }))
  const baseModel = ofTeam(await model, teamId, "baseModelId")
  const imageCount = await database.image.count({ where: { datasetId: id } })
  const given = withoutNulls<TrainingRunOptions>(input.options ?? {})
  // A concept knows its prompts; what is written out wins.
  const fromConcept = concept && {
    ...(given.captions !== true && { instancePrompt: `a photo of ${concept.identifier} ${concept.classNoun}` }),
    ...(given.withPriorPreservation === true && { classPrompt: `a photo of a ${concept.classNoun}` }),
  }
  const fromModel = baseModel.resolution !== null && { resolution: baseModel.resolution }
  const options = { ...fromModel, ...fromConcept, ...given }
  return { concept, dataset, baseModel, imageCount, config: checkedConfig(trainingRunConfig, { options }) }
}

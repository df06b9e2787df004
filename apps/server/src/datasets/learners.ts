/** Which base model will learn a data set, as far as can be told: what is too small or too long depends on it. */

import type { BaseModel } from "@fjord/db/prisma"
import type { Studio } from "../context.ts"
import { tokenizerOf } from "../models/tokenizers.ts"
import { counterOf, type TokenCounter } from "../models/tokens.ts"
import { sampleName } from "./datasets.ts"

export type Learner = {
  /** Pixels below which a picture is enlarged for training. */
  readonly leastSide: number
  readonly counter: TokenCounter
}

/** SD 1.x was trained at 512 pixels. */
export const usualLearner: Learner = { leastSide: 512, counter: counterOf(undefined) }

/**
 * By data set: the base model with which its team trained last; before any training the starter model for the sample that
 * ships with it, and one like Stable Diffusion 1.x for others.
 */
export async function learnersOf(studio: Studio, datasetIds: string[]): Promise<Map<string, Learner>> {
  const { database } = studio
  const datasets = await database.dataset.findMany({
    where: { id: { in: datasetIds } },
    select: { id: true, teamId: true, name: true },
  })
  const teamIds = [...new Set(datasets.map(({ teamId }) => teamId))]
  const latest = await database.run.findMany({
    where: { kind: "TRAINING", teamId: { in: teamIds }, baseModelId: { not: null } },
    distinct: ["teamId"],
    orderBy: { createdAt: "desc" },
    select: { teamId: true, baseModel: true },
  })
  const starters = datasets.some(({ name }) => name === sampleName)
    ? await database.baseModel.findMany({ where: { teamId: { in: teamIds }, source: "STARTER" } })
    : []
  const learners = await Promise.all(
    datasets.map(async ({ id, teamId, name }): Promise<[string, Learner]> => {
      const last = latest.find((run) => run.teamId === teamId)?.baseModel
      const starter = name === sampleName ? starters.find((model) => model.teamId === teamId) : undefined
      return [id, await learner(studio, last ?? starter, last?.resolution ?? starter?.resolution)]
    }),
  )
  return new Map(learners)
}

/** @param resolution unknown of a model of the Hub that has not been fetched yet */
async function learner(studio: Studio, model: BaseModel | undefined, resolution?: number | null): Promise<Learner> {
  const counter = model === undefined ? usualLearner.counter : counterOf(await tokenizerOf(studio, model))
  return { leastSide: resolution ?? usualLearner.leastSide, counter }
}

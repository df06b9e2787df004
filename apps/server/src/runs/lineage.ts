/** What a generated image came from. */

import type { BaseModel, Checkpoint, DatasetVersion, Model, Run } from "@fjord/db/prisma"
import type { Loaders } from "../loaders.ts"
import { generationConfigOf } from "./config.ts"

export type LineageShape = {
  readonly generation: Run
  readonly model: Model | null
  readonly run: Run | null
  readonly checkpoint: Checkpoint | null
  readonly datasetVersion: DatasetVersion | null
  readonly baseModel: BaseModel | null
}

export async function lineageOf(
  loaders: Loaders,
  generation: Run & { baseModel: BaseModel | null },
): Promise<LineageShape> {
  const { generator, loras } = generationConfigOf(generation.config)
  // A base model that draws with a LoRA: the LoRA is what was trained.
  const trained = generator.kind === "baseModel" ? loras[0] : generator
  const model = trained?.kind === "model" ? ((await loaders.model(trained.id)) ?? null) : null
  const checkpoint = trained?.kind === "checkpoint" ? ((await loaders.checkpoint(trained.id)) ?? null) : null
  const run = model?.run ?? checkpoint?.run ?? null
  return {
    generation,
    model,
    run,
    checkpoint,
    datasetVersion: run?.datasetVersion ?? null,
    baseModel: generation.baseModel,
  }
}

/** Starting a generation. */

import { type GenerationRunConfig, type GenerationRunOptions, generationRunConfig } from "@fjord/contracts"
import type { Run } from "@fjord/db/prisma"
import { owned, requireRole } from "../access.ts"
import type { Context } from "../context.ts"
import { ConflictError, InputError } from "../expectedError.ts"
import { readiness } from "../models/baseModels.ts"
import { type GivenOptions, withoutNulls } from "../options.ts"
import { checkedName } from "../text.ts"
import { checkedConfig } from "./config.ts"
import { queueRun } from "./queueRun.ts"

type Maybe<Value> = Value | null | undefined

export type GenerateImages = {
  teamId: string
  name?: Maybe<string>
  baseModelId?: Maybe<string>
  modelId?: Maybe<string>
  checkpointId?: Maybe<string>
  loras?: Maybe<readonly { modelId?: Maybe<string>; checkpointId?: Maybe<string>; weight?: Maybe<number> }[]>
  options: GivenOptions<GenerationRunOptions>
  boardId?: Maybe<string>
  imageToImage?: Maybe<{ imageId?: Maybe<string>; generatedImageId?: Maybe<string>; strength: number }>
  priority?: Maybe<number>
}

/** @throws InputError unless exactly one has a value. @returns its name and value. */
function exactlyOne<Name extends string>(choices: Record<Name, Maybe<string>>): [Name, string] {
  const names = Object.keys(choices) as Name[]
  const chosen = names.flatMap((name): [Name, string][] => {
    const value = choices[name]
    return value ? [[name, value]] : []
  })
  const [only] = chosen
  if (only === undefined || chosen.length > 1)
    throw new InputError(`Give exactly one of ${names.join(", ")}; ${chosen.length} are given.`, names[0])
  return only
}

async function ofTeam<Row extends { teamId: string }>(
  context: Context,
  teamId: string,
  what: string,
  row: PromiseLike<Row | null>,
): Promise<Row> {
  const found = await owned(context, "EDITOR", what, row)
  if (found.teamId !== teamId) throw new InputError(`The ${what} belongs to another team.`)
  return found
}

const model = (context: Context, teamId: string, id: string) =>
  ofTeam(
    context,
    teamId,
    "model",
    context.database.model.findUnique({
      where: { id },
      include: { baseModel: true, _count: { select: { files: true } } },
    }),
  )

async function checkpoint(context: Context, teamId: string, id: string) {
  const run = context.database.checkpoint.findUnique({
    where: { id },
    select: { run: { include: { baseModel: true } } },
  })
  return ofTeam(
    context,
    teamId,
    "checkpoint",
    run.then((found) => found?.run ?? null),
  )
}

/** The base model behind whatever draws. */
async function generatorOf(context: Context, input: GenerateImages) {
  const { teamId, baseModelId, modelId, checkpointId } = input
  const [name, id] = exactlyOne({ baseModelId, modelId, checkpointId })
  if (name === "baseModelId") {
    const found = context.database.baseModel.findUnique({ where: { id } })
    return {
      generator: { kind: "baseModel" as const, id },
      baseModel: await ofTeam(context, teamId, "base model", found),
    }
  }
  if (name === "checkpointId")
    return {
      generator: { kind: "checkpoint" as const, id },
      baseModel: (await checkpoint(context, teamId, id)).baseModel,
    }
  const found = await model(context, teamId, id)
  if (found._count.files === 0)
    throw new ConflictError("This model has no files yet; wait until the worker has written them.")
  return { generator: { kind: "model" as const, id }, baseModel: found.baseModel }
}

async function lorasOf(context: Context, input: GenerateImages): Promise<GenerationRunConfig["loras"]> {
  const loras: GenerationRunConfig["loras"] = []
  for (const { modelId, checkpointId, weight } of input.loras ?? []) {
    const [name, id] = exactlyOne({ modelId, checkpointId })
    if (name === "modelId" && (await model(context, input.teamId, id)).kind !== "LORA")
      throw new InputError("Only a LoRA can be laid over another model.", "loras")
    if (name === "checkpointId") await checkpoint(context, input.teamId, id)
    loras.push({ kind: name === "modelId" ? "model" : "checkpoint", id, weight: weight ?? 1 })
  }
  return loras
}

async function pictureOf(context: Context, { teamId, imageToImage }: GenerateImages) {
  if (!imageToImage) return undefined
  const { imageId, generatedImageId, strength } = imageToImage
  const [name, id] = exactlyOne({ imageId, generatedImageId })
  if (name === "generatedImageId") {
    const found = context.database.generatedImage.findUnique({ where: { id } })
    return { hash: (await ofTeam(context, teamId, "image", found)).hash, strength }
  }
  const image = await context.database.image.findUnique({ where: { id }, include: { dataset: true } })
  await ofTeam(context, teamId, "image", Promise.resolve(image?.dataset ?? null))
  return image === null ? undefined : { hash: image.hash, strength }
}

export async function generateImages(context: Context, input: GenerateImages): Promise<Run> {
  const { teamId, boardId } = input
  const viewer = requireRole(context, teamId, "EDITOR")
  const { generator, baseModel } = await generatorOf(context, input)
  if (boardId) await ofTeam(context, teamId, "board", context.database.board.findUnique({ where: { id: boardId } }))
  if (baseModel !== null) {
    const { ready, problem } = await readiness(context, baseModel)
    if (!ready) throw new ConflictError(`The base model ${baseModel.name} is not ready: ${problem}`)
  }
  const imageToImage = await pictureOf(context, input)
  const config = checkedConfig(generationRunConfig, {
    generator,
    loras: await lorasOf(context, input),
    options: { prompt: "", ...withoutNulls<GenerationRunOptions>(input.options) },
    ...(boardId && { boardId }),
    ...(imageToImage && { imageToImage }),
  })
  const words = config.options.prompt.replace(/\s+/g, " ").trim().slice(0, 80)
  return queueRun(context, {
    teamId,
    createdById: viewer.user.id,
    kind: "GENERATION",
    name: input.name ? checkedName(input.name) : words || "Images",
    config,
    priority: input.priority ?? 0,
    baseModelId: baseModel?.id ?? null,
  })
}

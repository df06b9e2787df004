/** Starting a generation. */

import { type GenerationRunConfig, type GenerationRunOptions, generationRunConfig } from "@fjord/contracts"
import type { Run } from "@fjord/db/prisma"
import { requireRole } from "../access.ts"
import type { Context } from "../context.ts"
import { InputError } from "../expectedError.ts"
import { type GivenOptions, withoutNulls } from "../options.ts"
import { checkedName } from "../text.ts"
import { checkedConfig } from "./config.ts"
import {
  checkpointRun,
  exactlyOne,
  type GivenLora,
  type GivenPicture,
  lorasOf,
  modelWithFiles,
  ofTeam,
  pictureHash,
  readyBaseModel,
} from "./named.ts"
import { queueRun } from "./queueRun.ts"

type Maybe<Value> = Value | null | undefined

export type GenerateImages = {
  teamId: string
  name?: Maybe<string>
  baseModelId?: Maybe<string>
  modelId?: Maybe<string>
  checkpointId?: Maybe<string>
  loras?: Maybe<readonly GivenLora[]>
  embeddings?: Maybe<readonly { modelId: string; token?: Maybe<string> }[]>
  options: GivenOptions<GenerationRunOptions>
  boardId?: Maybe<string>
  imageToImage?: Maybe<GivenPicture & { strength: number }>
  saveLatents?: Maybe<boolean>
  priority?: Maybe<number>
}

/** What draws, and the base model behind it, ready. */
async function generatorOf(context: Context, input: GenerateImages) {
  const { teamId, baseModelId, modelId, checkpointId } = input
  const [name, id] = exactlyOne({ baseModelId, modelId, checkpointId })
  if (name === "baseModelId") {
    const baseModel = await readyBaseModel(context, teamId, id)
    return { generator: { kind: "baseModel" as const, id }, baseModelId: baseModel.id }
  }
  const kind = name === "modelId" ? ("model" as const) : ("checkpoint" as const)
  const behind =
    name === "modelId"
      ? await modelThatDraws(context, teamId, id)
      : (await checkpointRun(context, teamId, id)).baseModelId
  if (behind !== null) await readyBaseModel(context, teamId, behind)
  return { generator: { kind, id }, baseModelId: behind }
}

/** @returns the base model that the model needs, if it knows one. */
async function modelThatDraws(context: Context, teamId: string, id: string): Promise<string | null> {
  const { kind, baseModelId } = await modelWithFiles(context, teamId, id)
  if (kind === "EMBEDDING")
    throw new InputError("An embedding adds a word to a model; name the model, and this among embeddings.", "modelId")
  if (kind === "LORA" && baseModelId === null)
    throw new InputError("This LoRA knows no base model; name one to draw with, and this among loras.", "modelId")
  return baseModelId
}

async function embeddingsOf(context: Context, teamId: string, given: NonNullable<GenerateImages["embeddings"]>) {
  const embeddings: GenerationRunConfig["embeddings"] = []
  for (const { modelId, token } of given) {
    const { kind, instancePrompt } = await modelWithFiles(context, teamId, modelId)
    if (kind !== "EMBEDDING") throw new InputError("Only an embedding adds a word to a model.", "embeddings")
    embeddings.push({ id: modelId, token: token || instancePrompt || "" })
  }
  return embeddings
}

export async function generateImages(context: Context, input: GenerateImages): Promise<Run> {
  const { teamId, boardId } = input
  const viewer = requireRole(context, teamId, "EDITOR")
  const { generator, baseModelId } = await generatorOf(context, input)
  if (boardId) await ofTeam(context, teamId, "board", context.database.board.findUnique({ where: { id: boardId } }))
  const { strength, ...picture } = input.imageToImage ?? {}
  const config = checkedConfig(generationRunConfig, {
    generator,
    loras: await lorasOf(context, teamId, input.loras ?? []),
    embeddings: await embeddingsOf(context, teamId, input.embeddings ?? []),
    options: { prompt: "", ...withoutNulls<GenerationRunOptions>(input.options) },
    ...(boardId && { boardId }),
    ...(input.saveLatents && { saveLatents: true }),
    ...(strength !== undefined && {
      imageToImage: { hash: await pictureHash(context, teamId, picture), strength },
    }),
  })
  const words = config.options.prompt.replace(/\s+/g, " ").trim().slice(0, 80)
  return queueRun(context, {
    teamId,
    createdById: viewer.user.id,
    kind: "GENERATION",
    name: input.name ? checkedName(input.name) : words || "Images",
    config,
    priority: input.priority ?? 0,
    baseModelId,
  })
}

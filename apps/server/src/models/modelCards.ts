/** Model cards: drafted from what is known, checked, kept in versions. */

import { repositoryName } from "@fjord/contracts/repositoryName"
import { type ModelCardVersion, Prisma } from "@fjord/db/prisma"
import {
  type CardSample,
  checkModelCard,
  derivedLicence,
  familyOf,
  type ModelFamily,
  modelCard,
  samplePath,
} from "@fjord/hub"
import { signedIn } from "../access.ts"
import type { Context } from "../context.ts"
import { ConflictError } from "../expectedError.ts"
import { trainingOptionDescriptions } from "../options.ts"
import { baseCommitOf, optionsOf } from "../runs/config.ts"
import { checkedText } from "../text.ts"
import { ownedModel } from "./models.ts"

export type CardProblemShape = {
  readonly level: "error" | "warning"
  readonly field: string | null
  readonly message: string
}

/** Characters of a card. */
export const mostOfCard = 500_000

export async function saveModelCard(context: Context, modelId: string, markdown: string): Promise<ModelCardVersion> {
  await ownedModel(context, modelId)
  checkedText(markdown, "markdown", mostOfCard)
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

export const cardProblems = (markdown: string): CardProblemShape[] =>
  checkModelCard(markdown).map(({ level, field, message }) => ({ level, field: field || null, message }))

const families: readonly string[] = ["sd1", "sd2", "sdxl", "starter"] satisfies ModelFamily[]
const isFamily = (text: string | undefined): text is ModelFamily => text !== undefined && families.includes(text)

function familyOfBase(base: { family: string | null; source: string; location: string } | null): ModelFamily {
  const said = base?.family?.replace(/^sd2v$/, "sd2")
  if (isFamily(said)) return said
  if (base?.source === "STARTER") return "starter"
  return familyOf(base?.location ?? "") ?? "sd1"
}

/** More would make a gallery that nobody looks through. */
const mostSamples = 8

/** The pictures of the last validation at or before the model's step, for the card's gallery. */
async function cardSamples({ database }: Context, runId: string, step: number | null): Promise<CardSample[]> {
  const until = step === null ? {} : { step: { lte: step } }
  const last = await database.sample.aggregate({ where: { runId, ...until }, _max: { step: true } })
  if (last._max.step === null) return []
  const samples = await database.sample.findMany({
    where: { runId, step: last._max.step },
    orderBy: [{ promptIndex: "asc" }, { seed: "asc" }],
    take: mostSamples,
  })
  return samples.map((sample) => ({ prompt: sample.prompt, image: samplePath(sample) }))
}

export async function draftModelCard(context: Context, modelId: string): Promise<string> {
  const owner = await ownedModel(context, modelId, "VIEWER")
  const model = await context.database.model.findUniqueOrThrow({
    where: { id: owner.id },
    include: { baseModel: true, files: true, run: { include: { datasetVersion: { include: { dataset: true } } } } },
  })
  const { baseModel: base, run } = model
  const account = await context.database.hubAccount.findUnique({ where: { userId: signedIn(context).user.id } })
  const family = familyOfBase(base)
  const options: Readonly<Record<string, unknown>> = run === null ? {} : optionsOf(run.config)
  const settings = trainingOptionDescriptions.flatMap(({ name, label }): [string, string][] => {
    const value = options[name]
    return value === undefined || Array.isArray(value) || name === "instancePrompt"
      ? []
      : [[label.toLowerCase(), String(value)]]
  })
  const images = run?.datasetVersion?.manifest
  return modelCard({
    title: model.name,
    id: model.hubId ?? `${account?.hubUser ?? "user"}/${repositoryName(model.name)}`,
    method: model.kind === "LORA" ? "lora" : "full",
    family,
    licence: derivedLicence(family, base?.licence ? { license: base.licence } : undefined),
    ...(base?.source === "HUB" && {
      baseModel: { id: base.location, revision: baseCommitOf(run?.config) ?? base.revision ?? undefined },
    }),
    instancePrompt: model.instancePrompt ?? undefined,
    dataset: run?.datasetVersion?.dataset.hubId ?? undefined,
    samples: run === null ? [] : await cardSamples(context, run.id, model.step),
    settings,
    figures: [
      ...(run?.loss == null ? [] : [["final loss", run.loss.toPrecision(4)] as const]),
      ...(Array.isArray(images) ? [["pictures", String(images.length)] as const] : []),
    ],
    kohyaFile: model.files.find(({ path }) => path.endsWith("_kohya.safetensors"))?.path,
  })
}

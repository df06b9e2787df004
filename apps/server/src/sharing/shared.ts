/** What the holder of a share link sees. */

import type { RunStatus, ShareKind, ShareLink } from "@fjord/db/prisma"
import type { Context } from "../context.ts"
import { fileUrl, thumbnailUrl } from "../files/address.ts"
import { shownStatus } from "../runs/alive.ts"
import { generationConfigOf, optionsOf } from "../runs/config.ts"
import { metricsOf } from "../runs/metrics.ts"
import { openShareLink } from "./shareLinks.ts"

export type SharedImage = {
  readonly prompt: string
  readonly step: number | null
  readonly promptIndex: number | null
  readonly seed: number
  readonly width: number | null
  readonly height: number | null
  readonly url: string
  readonly thumbnailUrl: string
}

export type SharedModelCard = {
  readonly kind: "MODEL_CARD"
  readonly name: string
  readonly markdown: string
  readonly instancePrompt: string | null
  readonly baseModelName: string | null
  readonly hubId: string | null
  readonly samples: readonly SharedImage[]
  readonly createdAt: Date
}

export type SharedRun = {
  readonly kind: "RUN"
  readonly name: string
  readonly status: RunStatus
  readonly options: unknown
  readonly step: number
  readonly totalSteps: number | null
  readonly startedAt: Date | null
  readonly endedAt: Date | null
  readonly metrics: readonly { step: number; loss: number; learningRate: number }[]
  readonly images: readonly SharedImage[]
}

export type SharedBoard = { readonly kind: "BOARD"; readonly name: string; readonly images: readonly SharedImage[] }

export type SharedThing = SharedModelCard | SharedRun | SharedBoard

type Picture = {
  hash: string
  prompt: string
  seed: bigint
  step?: number
  promptIndex?: number
  width?: number
  height?: number
}
type Show = (picture: Picture) => Promise<SharedImage>

const most = 500

async function samplesOf(context: Context, runId: string, show: Show) {
  const samples = await context.database.sample.findMany({
    where: { runId },
    orderBy: [{ step: "asc" }, { promptIndex: "asc" }],
    take: most,
  })
  return Promise.all(samples.map(show))
}

const shown: Record<ShareKind, (context: Context, link: ShareLink, show: Show) => Promise<SharedThing | null>> = {
  async MODEL_CARD(context, { targetId, teamId }, show) {
    const model = await context.database.model.findFirst({
      where: { id: targetId, teamId },
      include: { baseModel: true, card: { include: { versions: { orderBy: { number: "desc" }, take: 1 } } } },
    })
    if (model === null) return null
    return {
      kind: "MODEL_CARD",
      name: model.name,
      markdown: model.card?.versions[0]?.markdown ?? "",
      instancePrompt: model.instancePrompt,
      baseModelName: model.baseModel?.name ?? null,
      hubId: model.hubId,
      samples: model.runId === null ? [] : await samplesOf(context, model.runId, show),
      createdAt: model.createdAt,
    }
  },
  async RUN(context, { targetId, teamId }, show) {
    const { database } = context
    const run = await database.run.findFirst({ where: { id: targetId, teamId } })
    if (run === null) return null
    const generated = await database.generatedImage.findMany({
      where: { runId: run.id },
      orderBy: { index: "asc" },
      take: most,
    })
    return {
      kind: "RUN",
      name: run.name,
      status: shownStatus(run, context),
      // Only options are shown: other parts of a configuration name rows of the team.
      options:
        run.kind === "TRAINING"
          ? optionsOf(run.config)
          : run.kind === "GENERATION"
            ? generationConfigOf(run.config).options
            : {},
      step: run.step,
      totalSteps: run.totalSteps,
      startedAt: run.startedAt,
      endedAt: run.endedAt,
      metrics: await metricsOf(database, run.id, { maxPoints: 1000 }),
      images: [...(await samplesOf(context, run.id, show)), ...(await Promise.all(generated.map(show)))],
    }
  },
  async BOARD(context, { targetId, teamId }, show) {
    const board = await context.database.board.findFirst({
      where: { id: targetId, teamId },
      include: { images: { orderBy: { createdAt: "desc" }, take: most } },
    })
    return board === null
      ? null
      : { kind: "BOARD", name: board.name, images: await Promise.all(board.images.map(show)) }
  },
}

export async function sharedThing(context: Context, token: string): Promise<SharedThing | null> {
  const link = await openShareLink(context.database, token)
  if (link === null) return null
  const key = `share=${encodeURIComponent(token)}`
  const show: Show = async ({ hash, prompt, seed, step, promptIndex, width, height }) => ({
    prompt,
    seed: Number(seed),
    step: step ?? null,
    promptIndex: promptIndex ?? null,
    width: width ?? null,
    height: height ?? null,
    url: `${await fileUrl(context, link.teamId, hash)}?${key}`,
    thumbnailUrl: `${await thumbnailUrl(context, link.teamId, hash, 512)}&${key}`,
  })
  return shown[link.kind](context, link, show)
}

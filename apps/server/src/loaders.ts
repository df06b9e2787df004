/** Questions asked row by row within one operation, answered by one query each. */

import { Prisma } from "@fjord/db/prisma"
import type { Studio } from "./context.ts"
import { warningsOfDatasets } from "./datasets/warnings.ts"

/** Collects the keys asked for in one turn of the event loop and answers them together. */
export function batched<Answer>(answerAll: (keys: string[]) => Promise<ReadonlyMap<string, Answer>>) {
  let waiting: Map<string, PromiseWithResolvers<Answer | undefined>> | undefined
  const known = new Map<string, Promise<Answer | undefined>>()
  return (key: string): Promise<Answer | undefined> => {
    const earlier = known.get(key)
    if (earlier !== undefined) return earlier
    if (waiting === undefined) {
      const batch = new Map<string, PromiseWithResolvers<Answer | undefined>>()
      waiting = batch
      // Pothos resolves a list over several microtasks; setImmediate waits for all of them.
      setImmediate(() => {
        waiting = undefined
        answerAll([...batch.keys()]).then(
          (answers) => {
            for (const [asked, promise] of batch) promise.resolve(answers.get(asked))
          },
          (error: unknown) => {
            for (const promise of batch.values()) promise.reject(error)
          },
        )
      })
    }
    const promise = Promise.withResolvers<Answer | undefined>()
    waiting.set(key, promise)
    known.set(key, promise.promise)
    return promise.promise
  }
}

const byId = <Row extends { id: string }>(rows: readonly Row[]) => new Map(rows.map((row) => [row.id, row]))
const sumRows = (rows: readonly { id: string; bytes: bigint | null }[]) =>
  new Map(rows.map(({ id, bytes }) => [id, Number(bytes ?? 0)]))

/** One set per operation: answers are kept as long as it lasts. */
export function loadersOf(studio: Studio) {
  const { database } = studio
  return {
    /** `teamId hash` → id of the team's file, which is its address. */
    fileAddress: batched<string>(async (keys) => {
      const pairs = keys.map((key) => {
        const [teamId = "", hash = ""] = key.split(" ")
        return { teamId, hash }
      })
      const rows = await database.teamFile.findMany({
        where: {
          teamId: { in: [...new Set(pairs.map(({ teamId }) => teamId))] },
          hash: { in: pairs.map(({ hash }) => hash) },
        },
        select: { id: true, teamId: true, hash: true },
      })
      return new Map(rows.map(({ id, teamId, hash }) => [`${teamId} ${hash}`, id]))
    }),
    run: batched(async (ids) => byId(await database.run.findMany({ where: { id: { in: ids } } }))),
    board: batched(async (ids) => byId(await database.board.findMany({ where: { id: { in: ids } } }))),
    image: batched(async (ids) => byId(await database.image.findMany({ where: { id: { in: ids } } }))),
    model: batched(async (ids) =>
      byId(
        await database.model.findMany({
          where: { id: { in: ids } },
          include: { run: { include: { datasetVersion: true } } },
        }),
      ),
    ),
    checkpoint: batched(async (ids) =>
      byId(
        await database.checkpoint.findMany({
          where: { id: { in: ids } },
          include: { run: { include: { datasetVersion: true, baseModel: true } } },
        }),
      ),
    ),
    baseModel: batched(async (ids) => byId(await database.baseModel.findMany({ where: { id: { in: ids } } }))),
    /** `runId step` → the model that this checkpoint was promoted to. */
    modelOfStep: batched(async (keys) => {
      const runIds = [...new Set(keys.map((key) => key.split(" ")[0] ?? ""))]
      const models = await database.model.findMany({ where: { runId: { in: runIds } }, orderBy: { createdAt: "asc" } })
      return new Map(models.map((model) => [`${model.runId} ${model.step}`, model]))
    }),
    /** Everything that warnings of a data set's images compare: one question per data set. */
    warnings: batched((ids) => warningsOfDatasets(studio, ids)),
    // Prisma's own counts go through the whole table, whichever rows are asked for.
    datasetImages: batched<number>(async (ids) => {
      const rows = await database.image.groupBy({ by: ["datasetId"], where: { datasetId: { in: ids } }, _count: true })
      return new Map(rows.map(({ datasetId, _count }) => [datasetId, _count]))
    }),
    boardImages: batched<number>(async (ids) => {
      const where = { boardId: { in: ids } }
      const rows = await database.generatedImage.groupBy({ by: ["boardId"], where, _count: true })
      return new Map(rows.map(({ boardId, _count }) => [boardId ?? "", _count]))
    }),
    datasetBytes: batched<number>(async (ids) =>
      sumRows(
        await database.$queryRaw<{ id: string; bytes: bigint | null }[]>(Prisma.sql`
          SELECT i."datasetId" AS id, sum(f."byteSize")::bigint AS bytes FROM "Image" i JOIN "File" f ON f.hash = i.hash
          WHERE i."datasetId" IN (${Prisma.join(ids)}) GROUP BY i."datasetId"`),
      ),
    ),
    checkpointBytes: batched<number>(async (ids) =>
      sumRows(
        await database.$queryRaw<{ id: string; bytes: bigint | null }[]>(Prisma.sql`
          SELECT c."checkpointId" AS id, sum(f."byteSize")::bigint AS bytes FROM "CheckpointFile" c
          JOIN "File" f ON f.hash = c.hash WHERE c."checkpointId" IN (${Prisma.join(ids)}) GROUP BY c."checkpointId"`),
      ),
    ),
    modelBytes: batched<number>(async (ids) =>
      sumRows(
        await database.$queryRaw<{ id: string; bytes: bigint | null }[]>(Prisma.sql`
          SELECT m."modelId" AS id, sum(f."byteSize")::bigint AS bytes FROM "ModelFile" m
          JOIN "File" f ON f.hash = m.hash WHERE m."modelId" IN (${Prisma.join(ids)}) GROUP BY m."modelId"`),
      ),
    ),
  }
}

export type Loaders = ReturnType<typeof loadersOf>

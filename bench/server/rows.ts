/** The rows of bench/server.ts. */

import { createHash } from "node:crypto"
import type { Database } from "../../packages/db/src/index.ts"

export type World = {
  readonly teamId: string
  readonly datasetId: string
  readonly runId: string
  /** One API token per person. */
  readonly tokens: readonly string[]
}

export const subscribers = 200
export const socketsPerPerson = 20

/** As many rows as a busy team has after a year, made by the database itself. */
export async function fillStudio(database: Database): Promise<World> {
  const teamId = (await database.team.create({ data: { name: "bench" } })).id
  await database.$executeRaw`
    INSERT INTO "File" (hash, "byteSize", "mediaType") SELECT encode(sha256(i::text::bytea), 'hex'), 400000, 'image/png' FROM generate_series(1, 10000) i`
  await database.$executeRaw`INSERT INTO "TeamFile" (id, "teamId", hash) SELECT gen_random_uuid()::text, ${teamId}, hash FROM "File"`
  await database.$executeRaw`INSERT INTO "Dataset" (id, "teamId", name) SELECT 'd' || i, ${teamId}, 'data set ' || i FROM generate_series(1, 20) i`
  await database.$executeRaw`
    INSERT INTO "Image" (id, "datasetId", hash, name, caption, width, height, "perceptualHash", sharpness, "createdAt")
    SELECT 'i' || i, 'd' || (1 + i % 20), encode(sha256(i::text::bytea), 'hex'), i || '.png', 'a photo of sks toy', 1024, 1024,
      substr(encode(sha256(i::text::bytea), 'hex'), 1, 16), 200, now() + i * interval '1 second' FROM generate_series(1, 10000) i`
  await database.$executeRaw`
    INSERT INTO "Run" (id, "teamId", kind, name, status, config, step, "totalSteps", "createdAt")
    SELECT 'r' || i, ${teamId}, 'TRAINING', 'run ' || i, 'SUCCEEDED', '{"options":{"instancePrompt":"a photo of sks toy"}}', 1000, 1000,
      now() + i * interval '1 second' FROM generate_series(1, 1000) i`
  await database.$executeRaw`
    INSERT INTO "RunMetric" ("runId", step, loss, "learningRate", "gradNorm", "secondsPerStep", "residentBytes")
    SELECT 'r' || r, s, random(), 1e-4, 1, 1, 1e9 FROM generate_series(1, 1000) r, generate_series(1, 1000) s`
  await database.$executeRaw`
    INSERT INTO "GeneratedImage" (id, "teamId", "runId", index, seed, prompt, width, height, hash, "createdAt")
    SELECT 'g' || i, ${teamId}, 'r' || (1 + i % 1000), i, i, 'a photo of sks toy on the moon', 512, 512, encode(sha256(i::text::bytea), 'hex'),
      now() + i * interval '1 second' FROM generate_series(1, 5000) i`
  await database.$executeRawUnsafe("ANALYZE")
  const tokens: string[] = []
  for (let i = 0; i < subscribers / socketsPerPerson; i++) {
    const token = `fjord_bench_${i}`
    const hash = createHash("sha256").update(token).digest("hex")
    const user = await database.user.create({ data: { name: `u${i}`, email: `u${i}@bench.example` } })
    await database.member.create({ data: { teamId, userId: user.id, role: "EDITOR" } })
    await database.apiToken.create({
      data: { teamId, userId: user.id, name: "bench", hash, prefix: "fjord_bench", scopes: ["WRITE"] },
    })
    tokens.push(token)
  }
  return { teamId, datasetId: "d1", runId: "r500", tokens }
}

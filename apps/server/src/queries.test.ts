import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { type Caller, startTestServer, type TestServer } from "./testServer.fixture.ts"

let server: TestServer
let owner: { caller: Caller; teamId: string; userId: string }

before(async () => {
  server = await startTestServer()
  owner = await server.member(undefined, "OWNER")
  const { database } = server
  const { teamId } = owner
  const files = Array.from({ length: 40 }, (_, i) => i.toString(16).padStart(64, "0"))
  await database.file.createMany({ data: files.map((hash) => ({ hash, byteSize: 10n, mediaType: "image/png" })) })
  await database.teamFile.createMany({ data: files.map((hash) => ({ teamId, hash })) })
  const generatorOf = (id: string) => ({ generator: { kind: "baseModel", id }, loras: [], options: { prompt: "x" } })
  for (let i = 0; i < 10; i++) {
    const dataset = await database.dataset.create({ data: { teamId, name: `d${i}` } })
    const image = { datasetId: dataset.id, width: 600, height: 600, sharpness: 100, caption: "x" }
    await database.image.createMany({
      data: files.slice(0, 20).map((hash, j) => ({
        ...image,
        hash,
        name: `${j}.png`,
        perceptualHash: (j * 7919 * i).toString(16).padStart(16, "0"),
      })),
    })
    const concept = await database.concept.create({
      data: { teamId, name: `c${i}`, identifier: "sks", classNoun: "toy", datasetId: dataset.id },
    })
    const baseModel = await database.baseModel.create({
      data: { teamId, name: `b${i}`, source: "HUB", location: `a/${i}`, revision: "" },
    })
    const run = await database.run.create({
      data: {
        teamId,
        kind: "TRAINING",
        name: `r${i}`,
        conceptId: concept.id,
        baseModelId: baseModel.id,
        createdById: owner.userId,
        config: { options: { instancePrompt: "x" } },
      },
    })
    await database.checkpoint.createMany({ data: [1, 2, 3].map((step) => ({ runId: run.id, step })) })
    await database.sample.createMany({
      data: files
        .slice(20, 24)
        .map((hash, j) => ({ runId: run.id, step: j, promptIndex: 0, prompt: "x", seed: 1n, hash })),
    })
    const generation = await database.run.create({
      data: { teamId, kind: "GENERATION", name: `g${i}`, baseModelId: baseModel.id, config: generatorOf(baseModel.id) },
    })
    await database.generatedImage.createMany({
      data: files.slice(24, 30).map((hash, index) => ({
        teamId,
        runId: generation.id,
        index,
        seed: 1n,
        prompt: "x",
        width: 8,
        height: 8,
        hash,
      })),
    })
  }
})
after(() => server.stop())

/** How many statements the database runs for an operation. */
async function statements(query: string, first: number): Promise<number> {
  const texts = async () => {
    const { data, errors } = await owner.caller.query(query, { teamId: owner.teamId, first })
    assert.equal(errors, undefined, JSON.stringify(errors))
    return data
  }
  const counted = async () => {
    const [row] = await server.database.$queryRaw<{ calls: number }[]>`
      SELECT coalesce(sum(xact_commit), 0)::int AS calls FROM pg_stat_database WHERE datname = current_database()`
    return row?.calls ?? 0
  }
  await texts()
  // Statistics are sent by idle sessions now and then; asked for at once, they are exact.
  const flush = async () => {
    const sessions = 8
    await Promise.all(
      Array.from(
        { length: sessions },
        () => server.database.$queryRaw`SELECT pg_stat_force_next_flush()::text, pg_sleep(0.02)::text`,
      ),
    )
    await server.database.$queryRaw`SELECT pg_stat_clear_snapshot()::text`
    return counted()
  }
  // Timers of the server ask too, now and then: the least of some tries is the operation alone.
  const tries: number[] = []
  for (let i = 0; i < 4; i++) {
    const before = await flush()
    await texts()
    tries.push((await flush()) - before)
  }
  return Math.min(...tries)
}

const pages = {
  datasets: `query ($teamId: ID!, $first: Int!) { datasets(teamId: $teamId, first: $first) { totalCount edges { node {
    name imageCount byteSize warnings { kind message } concepts { name } images(first: 4) { edges { node { thumbnailUrl(size: 256) } } } } } } }`,
  trainingRuns: `query ($teamId: ID!, $first: Int!) { trainingRuns(teamId: $teamId, first: $first) { edges { node {
    name status concept { name dataset { name } } baseModel { name } createdBy { name } worker { name }
    checkpoints { step byteSize downloadUrl model { name } } samples { url } } } } }`,
  generatedImages: `query ($teamId: ID!, $first: Int!) { generatedImages(teamId: $teamId, first: $first) { totalCount edges { node {
    seed url thumbnailUrl(size: 256) settings board { name } generation { id baseModel { name } } lineage { baseModel { name } model { name } } } } } }`,
}

describe("lists", () => {
  for (const [name, query] of Object.entries(pages))
    it(`${name} take as many statements for ten rows as for two`, async () => {
      const [two, ten] = [await statements(query, 2), await statements(query, 10)]
      // Counting is exact to the few statements of the timers beside it.
      assert.ok(ten <= two + 4, `${two} statements for 2 rows, ${ten} for 10`)
      assert.ok(ten < 60, `${ten} statements`)
    })

  it("have pages: each row once, in order, whatever the size of the page", async () => {
    const seen: string[] = []
    for (let after: string | null = null, more = true; more; ) {
      const { data } = await owner.caller.query(
        `query ($teamId: ID!, $after: String) { generatedImages(teamId: $teamId, first: 7, after: $after) { totalCount edges { node { id } } pageInfo { hasNextPage endCursor } } }`,
        { teamId: owner.teamId, after },
      )
      seen.push(...data.generatedImages.edges.map(({ node }: { node: { id: string } }) => node.id))
      after = data.generatedImages.pageInfo.endCursor
      more = data.generatedImages.pageInfo.hasNextPage
      assert.equal(data.generatedImages.totalCount, 60)
    }
    assert.equal(new Set(seen).size, 60)
    assert.equal(seen.length, 60)
  })
})

describe("limits", () => {
  it("refuse operations that are too deep, too wide or too dear", async () => {
    const deep = (n: number): string => (n === 0 ? "id" : `dataset { concepts { ${deep(n - 1)} } }`)
    const operations = [
      `{ concept(id: "x") { ${deep(8)} } }`,
      `{ ${Array.from({ length: 40 }, (_, i) => `a${i}: setup { version }`).join(" ")} }`,
      `{ setup { ${"version ".repeat(5000)} } }`,
      `{ dataset(id: "x") { ${Array.from({ length: 25 }, (_, i) => `a${i}: images(first: 500) { edges { node { id warnings { otherImage { id name caption url } } } } }`).join(" ")} } }`,
    ]
    for (const operation of operations) {
      const { status, data } = await owner.caller.query(operation)
      assert.equal(status, 400, operation.slice(0, 100))
      assert.equal(data, undefined)
    }
  })

  it("refuse batches, bodies of more than a megabyte and forms of other pages", async () => {
    const send = (body: string, headers: Record<string, string>) =>
      owner.caller.fetch("/graphql", { method: "POST", body, headers })
    const json = { "content-type": "application/json" }
    const query = JSON.stringify({ query: "{ setup { version } }" })
    assert.equal((await send(query, json)).status, 200)
    assert.equal((await send(`[${query}]`, json)).status, 400)
    assert.equal(
      (await send(JSON.stringify({ query: `{ setup { version } } #${"x".repeat(1_100_000)}` }), json)).status,
      413,
    )
    assert.equal(
      (await send("query=%7Bsetup%7Bversion%7D%7D", { "content-type": "application/x-www-form-urlencoded" })).status >=
        400,
      true,
    )
    assert.equal((await send(query, { "content-type": "text/plain" })).status >= 400, true)
    assert.equal((await send(query, { ...json, origin: "https://evil.example" })).status, 403)
    assert.equal((await send(query, { ...json, origin: "null" })).status, 403)
    const get = await owner.caller.fetch(`/graphql?query=${encodeURIComponent("{ setup { version } }")}`)
    assert.ok(get.status >= 400)
  })

  it("tell nothing of what went wrong inside, and suggest no names", async () => {
    const { errors } = await owner.caller.query("{ setupp { version } }")
    assert.match(errors?.[0]?.message ?? "", /Cannot query field "setupp"/)
    assert.doesNotMatch(errors?.[0]?.message ?? "", /Did you mean/)
    const orphan = await server.database.dataset.findFirstOrThrow({ where: { teamId: owner.teamId } })
    const [image] = await server.database.image.findMany({ where: { datasetId: orphan.id }, take: 1 })
    await server.database.teamFile.deleteMany({ where: { hash: image?.hash ?? "" } })
    const broken = await owner.caller.query(`{ dataset(id: "${orphan.id}") { images { edges { node { url } } } } }`)
    assert.match(
      broken.errors?.[0]?.message ?? "",
      /^Something went wrong here; the server's log says what, under [0-9a-f-]{36}\.$/,
    )
  })

  it("send headers that keep pages of this studio to themselves", async () => {
    const { headers } = await owner.caller.fetch("/")
    assert.match(headers.get("content-security-policy") ?? "", /frame-ancestors 'none'/)
    assert.equal(headers.get("x-content-type-options"), "nosniff")
    assert.equal(headers.get("x-powered-by"), null)
  })
})

describe("the address of the server", () => {
  it("says whether it lives, can work, and what its numbers are", async () => {
    assert.equal(await (await server.stranger.fetch("/healthz")).text(), "ok\n")
    assert.equal(await (await server.stranger.fetch("/readyz")).text(), "ready\n")
    const metrics = await (await server.stranger.fetch("/metrics")).text()
    assert.match(metrics, /fjord_runs\{kind="TRAINING",status="QUEUED"\} 10/)
    assert.match(metrics, /fjord_graphql_seconds_count/)
    const foreign = await server.stranger.fetch("/metrics", { headers: { "x-forwarded-for": "1.2.3.4" } })
    assert.equal(foreign.status, 403)
  })
})

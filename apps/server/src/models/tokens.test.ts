import assert from "node:assert/strict"
import { mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { after, before, it } from "node:test"
import { fileURLToPath } from "node:url"
import { recordFile } from "@fjord/db"
import { type Caller, startTestServer, type TestServer } from "../testServer.fixture.ts"
import { leastTokens } from "./tokens.ts"

const starter = fileURLToPath(new URL("../../../../packages/starter/model", import.meta.url))
/** What the vocabulary makes of it is another number than that of its words. */
const text = "a photograph of sks robot, extraordinarily jagged; 12345 ünïcödé"

let server: TestServer
let owner: { caller: Caller; teamId: string }
before(async () => {
  // A Hub that is not there.
  server = await startTestServer({ HF_ENDPOINT: "http://127.0.0.1:9" })
  owner = await server.member(undefined, "OWNER")
})
after(() => server.stop())

const count = async (baseModelId: string | null, prompt = text) => {
  const query = "query ($id: ID, $text: String!) { countTokens(baseModelId: $id, text: $text) { count limit exact } }"
  const { data, errors } = await owner.caller.query(query, { id: baseModelId, text: prompt })
  assert.equal(errors, undefined, JSON.stringify(errors))
  return data.countTokens
}
const add = (source: "STARTER" | "FOLDER" | "MODEL" | "HUB", location: string) =>
  server.database.baseModel.create({
    data: { teamId: owner.teamId, name: location, source, location, revision: "" },
  })

it("a prompt's tokens are counted by the vocabulary of the model that reads it", async () => {
  const ours = await count((await add("STARTER", "starter")).id)
  assert.equal(ours.exact, true)
  assert.ok(ours.count > leastTokens(text), `${ours.count}`)
  // One letter is one token of every vocabulary, between start and end.
  assert.deepEqual(await count((await add("FOLDER", starter)).id, "a"), { count: 3, limit: 32, exact: true })
  assert.deepEqual(await count((await add("FOLDER", starter.concat("/"))).id), ours)

  const model = await server.database.model.create({ data: { teamId: owner.teamId, name: "m", kind: "FULL" } })
  for (const name of ["vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json"]) {
    const file = await server.files.put(readFileSync(join(starter, "tokenizer", name)))
    await recordFile(server.database, server.files, { ...file, mediaType: "application/json" }, owner.teamId)
    await server.database.modelFile.create({
      data: { modelId: model.id, path: `tokenizer/${name}`, hash: file.hash },
    })
  }
  assert.deepEqual(await count((await add("MODEL", model.id)).id), ours)
})

it("a caption that has more tokens than its model reads is told exactly how many, and is cut between words so that it fits", async () => {
  const { teamId, caller } = owner
  const model = await add("STARTER", "starter too")
  const dataset = await server.database.dataset.create({ data: { teamId, name: "long captions" } })
  await server.database.run.create({ data: { teamId, kind: "TRAINING", name: "r", config: {}, baseModelId: model.id } })
  const stored = await server.files.put(Buffer.from("bytes"))
  await recordFile(server.database, server.files, { ...stored, mediaType: "image/png" }, teamId)
  const fits = Array.from({ length: 30 }, () => "a").join(" ")
  const caption = `${fits} ${text}`
  const pixels = { width: 600, height: 600, perceptualHash: "0".repeat(16), sharpness: 100 }
  const data = { datasetId: dataset.id, hash: stored.hash, name: "a.png", ...pixels }
  const image = await server.database.image.create({ data: { ...data, caption } })
  const warnings = async () => {
    const query =
      "query ($id: ID!) { dataset(id: $id) { images(first: 1) { edges { node { warnings { kind message caption } } } } } }"
    const { data: answer } = await caller.query(query, { id: dataset.id })
    return answer.dataset.images.edges[0].node.warnings.filter(
      ({ kind }: { kind: string }) => kind === "TOO_MANY_TOKENS",
    )
  }
  const whole = (await count(model.id, caption)).count
  const [warning] = await warnings()
  assert.match(warning.message, new RegExp(`^Its caption has ${whole} tokens; the text encoder sees 32`))
  assert.equal(warning.caption, fits)
  await server.database.image.update({ where: { id: image.id }, data: { caption: fits } })
  assert.deepEqual(await warnings(), [])
})

it("the word of an embedding counts as many tokens as its file has vectors, in any case and each time it stands there", async () => {
  const { teamId, caller } = owner
  const { id } = await add("STARTER", "starter with a word")
  const embedding = await server.database.model.create({
    data: { teamId, name: "Turn", kind: "EMBEDDING", instancePrompt: "<turn>" },
  })
  const header = JSON.stringify({ "<turn>": { dtype: "F32", shape: [3, 2], data_offsets: [0, 24] } })
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  const file = await server.files.put(Buffer.concat([length, Buffer.from(header), Buffer.alloc(24)]))
  await recordFile(server.database, server.files, { ...file, mediaType: "application/octet-stream" }, teamId)
  await server.database.modelFile.create({
    data: { modelId: embedding.id, path: "embedding.safetensors", hash: file.hash },
  })
  const taught = async (baseModelId: string | null, prompt: string, modelId = embedding.id, token?: string) => {
    const query = `query ($id: ID, $text: String!, $embeddings: [EmbeddingInput!]) {
      countTokens(baseModelId: $id, text: $text, embeddings: $embeddings) { count exact } }`
    const variables = { id: baseModelId, text: prompt, embeddings: [{ modelId, token }] }
    const { data, errors } = await caller.query(query, variables)
    return errors === undefined ? data.countTokens : errors[0]?.message
  }
  // One letter is one token; start and end are two.
  assert.deepEqual(await taught(id, "a <turn> a"), { count: 2 + 2 + 3, exact: true })
  assert.deepEqual(await taught(id, "<Turn>, <turn>"), { count: 2 + 3 + 1 + 3, exact: true })
  assert.deepEqual(await taught(id, "a kehre", embedding.id, "Kehre"), { count: 2 + 1 + 3, exact: true })
  assert.deepEqual(await taught(id, "a a"), { count: 4, exact: true })
  assert.deepEqual(await taught(null, "a <turn> <TURN> a"), { count: 2 + 2 + 6, exact: false })

  const lora = await server.database.model.create({ data: { teamId, name: "LoRA", kind: "LORA" } })
  assert.match(await taught(id, "a", lora.id), /Only an embedding adds a word/)
  const stranger = await server.member(undefined, "OWNER")
  const other = await server.database.model.create({ data: { teamId: stranger.teamId, name: "m", kind: "EMBEDDING" } })
  assert.match(await taught(id, "a", other.id), /There is no such model|no model/i)
})

it("where the vocabulary is not at hand the count is the least that it can be, and says so", async () => {
  const least = { count: leastTokens(text), limit: 77, exact: false }
  const empty = join(server.folder, "empty")
  mkdirSync(empty)
  assert.deepEqual(await count(null), least)
  assert.deepEqual(await count((await add("FOLDER", empty)).id), least)
  assert.deepEqual(await count((await add("HUB", "nobody/nothing")).id), least)
})

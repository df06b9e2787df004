import assert from "node:assert/strict"
import { after, before, it } from "node:test"
import { recordFile, sweepFreedFiles } from "@fjord/db"
import { type Caller, startTestServer, type TestServer, testPicture } from "../testServer.fixture.ts"

let server: TestServer
let owner: { caller: Caller; teamId: string }
before(async () => {
  server = await startTestServer({ FJORD_TEAM_BYTES: "20000" })
  owner = await server.member(undefined, "OWNER")
})
after(() => server.stop())

it("a team whose room is taken up neither uploads nor starts runs, and is told what to delete; another team does", async () => {
  const uploading = (teamId: string, byteSize: number) =>
    `mutation { requestModelUpload(teamId: "${teamId}", file: { name: "a.safetensors", byteSize: ${byteSize} }) {
      __typename ... on Error { message } } }`
  const ask = async (caller: Caller, text: string, field: string) => (await caller.query(text)).data[field]
  const { caller, teamId } = owner
  const fits = await ask(caller, uploading(teamId, 20_000), "requestModelUpload")
  assert.equal(fits.__typename, "MutationRequestModelUploadSuccess")
  const more = await ask(caller, uploading(teamId, 20_001), "requestModelUpload")
  assert.equal(more.__typename, "ConflictError")

  const picture = await testPicture(1, 256)
  assert.ok(picture.length > 20_000)
  const stored = await server.files.put(picture)
  await recordFile(server.database, server.files, { ...stored, mediaType: "image/png" }, teamId)
  const dataset = await server.database.dataset.create({ data: { teamId, name: "d" } })
  const pixels = { width: 256, height: 256, perceptualHash: "0".repeat(16), sharpness: 100 }
  const image = await server.database.image.create({
    data: { datasetId: dataset.id, hash: stored.hash, name: "a.png", ...pixels },
  })
  const full = await ask(caller, uploading(teamId, 1), "requestModelUpload")
  assert.match(full.message, /^The team's files take [\d.]+ MB of 0\.0 MB.*; delete pictures, runs, models or/)
  const base = await server.database.baseModel.create({
    data: { teamId, name: "b", source: "HUB", location: "a/b", revision: "main" },
  })
  const generating = `mutation { generateImages(input: { teamId: "${teamId}", baseModelId: "${base.id}", options: { prompt: "x" } }) {
    __typename ... on Error { message } } }`
  assert.equal((await ask(caller, generating, "generateImages")).__typename, "ConflictError")
  const other = await server.member(undefined, "OWNER")
  const theirs = await ask(other.caller, uploading(other.teamId, 20_000), "requestModelUpload")
  assert.equal(theirs.__typename, "MutationRequestModelUploadSuccess")

  // What a run has used is kept for it, whatever is deleted of the data set.
  const manifest = [{ hash: stored.hash, name: "a.png", caption: "" }]
  const version = await server.database.datasetVersion.create({
    data: { datasetId: dataset.id, number: 1, hash: "v", manifest },
  })
  const deleting = `mutation { deleteImages(ids: ["${image.id}"]) { __typename } }`
  assert.equal((await ask(caller, deleting, "deleteImages")).__typename, "MutationDeleteImagesSuccess")
  const total = async () => (await ask(caller, `{ storage(teamId: "${teamId}") { total } }`, "storage")).total
  assert.equal(await total(), picture.length)
  assert.equal((await ask(caller, uploading(teamId, 1), "requestModelUpload")).__typename, "ConflictError")
  // Nothing refers to it any more: its room is free, though its bytes lie there for minutes, to be taken back.
  await server.database.datasetVersion.delete({ where: { id: version.id } })
  assert.equal(await total(), 0)
  const freed = await ask(caller, uploading(teamId, 20_000), "requestModelUpload")
  assert.equal(freed.__typename, "MutationRequestModelUploadSuccess")
  assert.ok(await server.files.open(stored.hash))
})

it("who deletes a data set, a run and a model has their room back, on the disk too, and the figures follow", async () => {
  const { caller, teamId } = await server.member(undefined, "OWNER")
  const { database, files } = server
  const stored: string[] = []
  const store = async (text: string) => {
    const { hash, byteSize } = await files.put(Buffer.from(text))
    await recordFile(database, files, { hash, byteSize, mediaType: "image/png" }, teamId)
    stored.push(hash)
    return hash
  }
  const dataset = await database.dataset.create({ data: { teamId, name: "d" } })
  const picture = { name: "a.png", width: 1, height: 1, perceptualHash: "0".repeat(16), sharpness: 1 }
  await database.image.create({ data: { ...picture, datasetId: dataset.id, hash: await store("picture") } })
  const run = await database.run.create({
    data: {
      teamId,
      kind: "TRAINING",
      name: "r",
      config: {},
      status: "SUCCEEDED",
      checkpoints: {
        create: { step: 1, files: { create: { path: "state.safetensors", hash: await store("state") } } },
      },
    },
  })
  const model = await database.model.create({
    data: {
      teamId,
      name: "m",
      kind: "LORA",
      files: { create: { path: "a.safetensors", hash: await store("weights") } },
    },
  })
  const storage = async () =>
    (await caller.query(`{ storage(teamId: "${teamId}") { datasets checkpoints models total } }`)).data.storage
  assert.deepEqual(await storage(), { datasets: 7, checkpoints: 5, models: 7, total: 19 })
  for (const [field, id] of [
    ["deleteDataset", dataset.id],
    ["deleteRun", run.id],
    ["deleteModel", model.id],
  ])
    await caller.query(`mutation { ${field}(id: "${id}") { __typename } }`)
  assert.deepEqual(await storage(), { datasets: 0, checkpoints: 0, models: 0, total: 0 })
  assert.deepEqual(await Promise.all(stored.map((hash) => files.has(hash))), [true, true, true])
  await sweepFreedFiles(database, files, -1)
  assert.deepEqual(await Promise.all(stored.map((hash) => files.has(hash))), [false, false, false])
})

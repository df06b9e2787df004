import assert from "node:assert/strict"
import { after, before, it } from "node:test"
import { recordFile } from "@fjord/db"
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
  await recordFile(server.database, { ...stored, mediaType: "image/png" }, teamId)
  const full = await ask(caller, uploading(teamId, 1), "requestModelUpload")
  assert.match(full.message, /^The team's files take [\d.]+ MB of 0\.0 MB.*; delete runs, models or transfers first/)
  const base = await server.database.baseModel.create({
    data: { teamId, name: "b", source: "HUB", location: "a/b", revision: "main" },
  })
  const generating = `mutation { generateImages(input: { teamId: "${teamId}", baseModelId: "${base.id}", options: { prompt: "x" } }) {
    __typename ... on Error { message } } }`
  assert.equal((await ask(caller, generating, "generateImages")).__typename, "ConflictError")
  const other = await server.member(undefined, "OWNER")
  const theirs = await ask(other.caller, uploading(other.teamId, 20_000), "requestModelUpload")
  assert.equal(theirs.__typename, "MutationRequestModelUploadSuccess")
})

/** What is said against pictures comes with what mends it, and what was taken out can be put back. */

import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { type Caller, startTestServer, type TestServer, testPicture } from "../testServer.fixture.ts"

let server: TestServer
let editor: Caller
let datasetId: string

before(async () => {
  server = await startTestServer()
  const { caller, teamId } = await server.member(undefined, "EDITOR")
  editor = caller
  datasetId = (await server.database.dataset.create({ data: { teamId, name: "toys" } })).id
  const request = `mutation ($datasetId: ID!, $files: [UploadFileInput!]!) { requestUploads(datasetId: $datasetId, files: $files) {
    ... on MutationRequestUploadsSuccess { data { url } } } }`
  const files = [{ name: "one.png" }, { name: "two.png" }]
  const uploads = await editor.act("requestUploads", request, { datasetId, files })
  for (const [i, side] of [96, 300].entries())
    await server.stranger.fetch(uploads[i].url, { method: "PUT", body: new Uint8Array(await testPicture(i + 1, side)) })
  await server.database.concept.create({
    data: { teamId, name: "toy", identifier: "sks", classNoun: "toy", datasetId },
  })
})
after(() => server.stop())

const ask = `query ($id: ID!) { dataset(id: $id) { images { edges { node {
  id hash name caption width height createdAt sharpness warnings { kind caption resolution } } } } } }`
const images = async () =>
  (await editor.query(ask, { id: datasetId })).data.dataset.images.edges.map(({ node }: { node: unknown }) => node)

describe("a warning", () => {
  it("names the caption or the resolution that mends it", async () => {
    const [first, second] = await images()
    const long = `a photo of sks toy, ${"red and blue and green, ".repeat(20)}outside`
    const edit = `mutation ($edits: [CaptionEditInput!]!) { updateCaptions(edits: $edits) {
      ... on MutationUpdateCaptionsSuccess { data { id } } } }`
    const edits = [
      { imageId: first.id, caption: "a toy on a table" },
      { imageId: second.id, caption: long },
    ]
    await editor.act("updateCaptions", edit, { edits })
    const [trigger, tokens] = await images()
    assert.deepEqual(
      trigger.warnings.find(({ kind }: { kind: string }) => kind === "TRIGGER_MISSING"),
      { kind: "TRIGGER_MISSING", caption: "sks a toy on a table", resolution: null },
    )
    assert.equal(trigger.warnings.find(({ kind }: { kind: string }) => kind === "TOO_SMALL").resolution, 64)
    const { caption } = tokens.warnings.find(({ kind }: { kind: string }) => kind === "TOO_MANY_TOKENS")
    assert.ok(caption.length > 80 && long.startsWith(caption), caption)
    const mended = [
      { imageId: first.id, caption: "sks a toy on a table" },
      { imageId: second.id, caption },
    ]
    await editor.act("updateCaptions", edit, { edits: mended })
    const left = (await images()).flatMap(({ warnings }: { warnings: { kind: string }[] }) => warnings)
    assert.deepEqual(
      left.filter(({ kind }: { kind: string }) => kind === "TRIGGER_MISSING" || kind === "TOO_MANY_TOKENS"),
      [],
    )
  })
})

describe("restoring", () => {
  const remove = `mutation ($ids: [ID!]!) { deleteImages(ids: $ids) { ... on MutationDeleteImagesSuccess { data } } }`
  const restore = `mutation ($images: [RemovedImageInput!]!) { restoreImages(images: $images) {
    ... on Error { message } ... on MutationRestoreImagesSuccess { data { id } } } }`
  const asRemoved = ({ hash, name, caption, createdAt }: Record<string, string>) => ({
    datasetId,
    hash,
    name,
    caption,
    createdAt,
  })
  const withoutId = ({ id: _id, ...rest }: Record<string, unknown>) => rest

  it("puts deleted pictures back as they were, in their places; a second time changes nothing", async () => {
    const before = await images()
    await editor.act("deleteImages", remove, { ids: [before[0].id] })
    assert.equal((await images()).length, 1)
    await editor.act("restoreImages", restore, { images: [asRemoved(before[0])] })
    await editor.act("restoreImages", restore, { images: [asRemoved(before[0])] })
    assert.deepEqual((await images()).map(withoutId), before.map(withoutId))
  })

  it("gives nobody a picture of another team by its hash", async () => {
    const { caller, teamId } = await server.member(undefined, "EDITOR")
    const own = await server.database.dataset.create({ data: { teamId, name: "theirs" } })
    const [picture] = await images()
    const { data } = await caller.query(restore, { images: [{ ...asRemoved(picture), datasetId: own.id }] })
    assert.match(data.restoreImages.message, /cleared away/)
    assert.equal(await server.database.image.count({ where: { datasetId: own.id } }), 0)
  })
})

/** Every query, mutation and subscription, asked by people who may not: the list is as long as the schema. */

import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { type GraphQLObjectType, getNamedType, isObjectType, isUnionType } from "graphql"
import { schema } from "./schema/index.ts"
import { type Caller, startTestServer, type TestServer } from "./testServer.fixture.ts"

type World = Awaited<ReturnType<typeof createWorld>>
/** Arguments of a field in the world of team A, and what is unlike the rest about it. */
type Case = {
  readonly args?: (world: World) => string
  /** Signed out people may ask. */
  readonly public?: true
  /** Answers everybody who is signed in with what is theirs or nobody's. */
  readonly own?: true
  /** A viewer may do it, because it changes nothing or only what is theirs. */
  readonly viewer?: true
  /** Only owners of the studio's first team may: it concerns all teams. */
  readonly studio?: true
}

const id = (pick: (world: World) => string): Case => ({ args: (world) => `id: "${pick(world)}"` })
const team: Case = { args: ({ teamId }) => `teamId: "${teamId}"` }
const input = (fields: (world: World) => string): Case => ({
  args: (world) => `input: { teamId: "${world.teamId}", ${fields(world)} }`,
})

const queries: Record<string, Case> = {
  activeRuns: team,
  backups: { studio: true },
  baseModel: id((w) => w.baseModelId),
  baseModels: team,
  board: id((w) => w.boardId),
  boards: team,
  checkModelCard: { args: () => `markdown: "x"`, own: true },
  concept: id((w) => w.conceptId),
  concepts: team,
  countTokens: { args: ({ baseModelId }) => `baseModelId: "${baseModelId}", text: "a"` },
  dataset: id((w) => w.datasetId),
  datasets: team,
  forecast: input(({ datasetId, baseModelId }) => `datasetId: "${datasetId}", baseModelId: "${baseModelId}"`),
  generatedImage: id((w) => w.generatedImageId),
  generatedImages: team,
  generation: id((w) => w.generationId),
  generationOptions: { own: true },
  generations: team,
  hubAccount: { own: true },
  imageSettings: { args: ({ uploadId }) => `uploadId: "${uploadId}"` },
  invitation: { args: () => `token: "unknown"`, public: true },
  model: id((w) => w.modelId),
  models: team,
  parseTrainingYaml: { args: () => `yaml: "rank: 4"`, own: true },
  presets: team,
  resetLink: { args: () => `token: "unknown"`, public: true },
  run: id((w) => w.runId),
  sessions: { own: true },
  setup: { public: true },
  shared: { args: () => `token: "unknown"`, public: true },
  storage: team,
  team: id((w) => w.teamId),
  teams: { own: true },
  trainingOptions: { own: true },
  trainingRun: id((w) => w.runId),
  trainingRuns: team,
  transfer: id((w) => w.transferId),
  transfers: team,
  viewer: { public: true },
  webhook: id((w) => w.webhookId),
  workers: { own: true },
}

const mutations: Record<string, Case> = {
  acceptInvitation: { args: () => `token: "unknown"`, own: true },
  addBaseModel: { args: ({ teamId }) => `teamId: "${teamId}", source: HUB, location: "a/c"` },
  cancelRun: id((w) => w.runId),
  changeRole: { args: ({ memberId }) => `memberId: "${memberId}", role: OWNER` },
  connectHub: { args: () => `token: "no token"`, own: true },
  createBackup: { studio: true },
  createApiToken: { args: ({ teamId }) => `teamId: "${teamId}", name: "x", scopes: [WRITE]` },
  createBoard: { args: ({ teamId }) => `teamId: "${teamId}", name: "x"` },
  createConcept: input(() => `name: "x", identifier: "x", classNoun: "x"`),
  createDataset: { args: ({ teamId }) => `teamId: "${teamId}", name: "x"` },
  createSampleConcept: team,
  createRandomModel: { args: ({ teamId }) => `teamId: "${teamId}", name: "x", shape: tiny` },
  createResetLink: { args: ({ memberId }) => `memberId: "${memberId}"` },
  createShareLink: { args: ({ runId }) => `kind: RUN, targetId: "${runId}"` },
  createTeam: { args: () => `name: "x"`, own: true },
  createWebhook: { args: ({ teamId }) => `teamId: "${teamId}", url: "https://example.org", events: [StatusChanged]` },
  deleteBaseModel: id((w) => w.baseModelId),
  deleteBoard: id((w) => w.boardId),
  deleteConcept: id((w) => w.conceptId),
  deleteDataset: id((w) => w.datasetId),
  deleteGeneratedImages: { args: ({ generatedImageId }) => `ids: ["${generatedImageId}"]` },
  deleteImages: { args: ({ imageId }) => `ids: ["${imageId}"]` },
  deleteModel: id((w) => w.modelId),
  deletePreset: id((w) => w.presetId),
  deleteRun: id((w) => w.runId),
  deleteTeam: { args: ({ teamId }) => `id: "${teamId}", name: "x"` },
  deleteWebhook: id((w) => w.webhookId),
  disconnectHub: { own: true },
  draftModelCard: { args: ({ modelId }) => `modelId: "${modelId}"`, viewer: true },
  editImage: { args: ({ imageId }) => `id: "${imageId}", rotate: 90` },
  endSession: { args: () => `id: "unknown"`, own: true },
  exportModel: { args: ({ teamId, baseModelId }) => `teamId: "${teamId}", baseModelId: "${baseModelId}", form: FP16` },
  generateImages: input(({ baseModelId }) => `baseModelId: "${baseModelId}", options: { prompt: "x" }`),
  importFile: {
    args: ({ modelUploadId, baseModelId }) => `uploadId: "${modelUploadId}", baseModelId: "${baseModelId}"`,
  },
  importModel: { args: ({ baseModelId }) => `baseModelId: "${baseModelId}"` },
  inviteMember: { args: ({ teamId }) => `teamId: "${teamId}", role: OWNER` },
  makeGrid: {
    args: ({ teamId, generatedImageId }) =>
      `teamId: "${teamId}", pictures: [{ generatedImageId: "${generatedImageId}" }], format: png`,
  },
  mergeLoras: {
    args: ({ teamId, baseModelId, checkpointId }) =>
      `teamId: "${teamId}", baseModelId: "${baseModelId}", name: "x", loras: [{ checkpointId: "${checkpointId}" }]`,
  },
  moveToBoard: { args: ({ generatedImageId, boardId }) => `imageIds: ["${generatedImageId}"], boardId: "${boardId}"` },
  promoteCheckpoint: { args: ({ checkpointId }) => `checkpointId: "${checkpointId}", name: "x"` },
  pullDataset: { args: ({ teamId }) => `teamId: "${teamId}", hubId: "a/b"` },
  pullModel: { args: ({ teamId }) => `teamId: "${teamId}", hubId: "a/lora"` },
  pushDataset: { args: ({ datasetId }) => `datasetId: "${datasetId}", repo: "a/b", private: true` },
  pushModel: { args: ({ modelId }) => `modelId: "${modelId}", repo: "a/b", private: true` },
  removeMember: { args: ({ memberId }) => `memberId: "${memberId}"` },
  renameBoard: { args: ({ boardId }) => `id: "${boardId}", name: "x"` },
  renameDataset: { args: ({ datasetId }) => `id: "${datasetId}", name: "x"` },
  renameTeam: { args: ({ teamId }) => `id: "${teamId}", name: "x"` },
  requestModelUpload: { args: ({ teamId }) => `teamId: "${teamId}", file: { name: "a.safetensors" }` },
  requestUploads: { args: ({ datasetId }) => `datasetId: "${datasetId}", files: [{ name: "a.png" }]` },
  restoreImages: {
    args: ({ datasetId }) =>
      `images: [{ datasetId: "${datasetId}", hash: "x", name: "x", caption: "", createdAt: "2026-01-01T00:00:00Z" }]`,
  },
  resumeRun: id((w) => w.runId),
  retryRun: id((w) => w.runId),
  retryDelivery: id((w) => w.deliveryId),
  revokeApiToken: id((w) => w.apiTokenId),
  revokeInvitation: id((w) => w.invitationId),
  revokeShareLink: id((w) => w.shareLinkId),
  sampleNow: id((w) => w.runId),
  saveModelCard: { args: ({ modelId }) => `modelId: "${modelId}", markdown: "x"` },
  saveNow: id((w) => w.runId),
  savePreset: { args: ({ teamId }) => `teamId: "${teamId}", name: "x", options: {}` },
  setFavourite: { args: ({ generatedImageId }) => `imageIds: ["${generatedImageId}"], favourite: true` },
  startHubSignIn: { own: true },
  startTraining: input(({ datasetId, baseModelId }) => `datasetId: "${datasetId}", baseModelId: "${baseModelId}"`),
  testWebhook: id((w) => w.webhookId),
  updateCaptions: { args: ({ imageId }) => `edits: [{ imageId: "${imageId}", caption: "x" }]` },
  updateConcept: { args: ({ conceptId }) => `id: "${conceptId}", name: "x"` },
  updateImage: { args: ({ imageId }) => `id: "${imageId}", caption: "x"` },
  updateModel: { args: ({ modelId }) => `id: "${modelId}", name: "x"` },
  updateRun: { args: ({ runId }) => `id: "${runId}", name: "x"` },
  updateWebhook: { args: ({ webhookId }) => `id: "${webhookId}", active: false` },
}

const subscriptions: Record<string, Case> = {
  backupsChanged: { studio: true },
  runEvents: { args: ({ runId }) => `runId: "${runId}"`, viewer: true },
  teamRuns: { args: ({ teamId }) => `teamId: "${teamId}"`, viewer: true },
  workersChanged: { own: true },
}

async function createWorld({ database, files }: TestServer, teamId: string, ownerId: string) {
  const stored = await files.put(Buffer.from("bytes"))
  await database.file.create({
    data: { hash: stored.hash, byteSize: 5n, mediaType: "image/png", teams: { create: { teamId } } },
  })
  const { hash } = stored
  const dataset = await database.dataset.create({ data: { teamId, name: "d" } })
  const datasetId = dataset.id
  const pixels = { width: 600, height: 600, perceptualHash: "0".repeat(16), sharpness: 100 }
  const image = await database.image.create({ data: { datasetId, hash, name: "a.png", ...pixels } })
  const upload = await database.upload.create({
    data: { teamId, datasetId, fileName: "a.png", expiresAt: new Date(Date.now() + 1e6) },
  })
  const modelUpload = await database.upload.create({
    data: {
      teamId,
      fileName: "a.safetensors",
      hash,
      contents: { kind: "lora" },
      status: "STORED",
      expiresAt: new Date(Date.now() + 1e6),
    },
  })
  const concept = await database.concept.create({
    data: { teamId, name: "c", identifier: "sks", classNoun: "toy", datasetId },
  })
  const baseModel = await database.baseModel.create({
    data: { teamId, name: "b", source: "HUB", location: "a/b", revision: "main" },
  })
  const run = await database.run.create({
    data: {
      teamId,
      kind: "TRAINING",
      name: "r",
      config: { options: { instancePrompt: "x" } },
      status: "RUNNING",
      heartbeatAt: new Date(Date.now() + 3600_000),
    },
  })
  const checkpoint = await database.checkpoint.create({ data: { runId: run.id, step: 1 } })
  const generator = { kind: "baseModel", id: baseModel.id }
  const generation = await database.run.create({
    data: {
      teamId,
      kind: "GENERATION",
      name: "g",
      status: "SUCCEEDED",
      config: { generator, loras: [], options: { prompt: "x" } },
    },
  })
  const generated = { teamId, runId: generation.id, index: 0, seed: 1n, prompt: "x", width: 64, height: 64, hash }
  const generatedImage = await database.generatedImage.create({ data: generated })
  const transfer = await database.run.create({
    data: {
      teamId,
      kind: "TRANSFER",
      name: "t",
      status: "SUCCEEDED",
      config: { kind: "importModel", baseModelId: baseModel.id },
    },
  })
  await database.runFile.create({ data: { runId: transfer.id, path: "grid.png", hash } })
  const model = await database.model.create({ data: { teamId, name: "m", kind: "LORA" } })
  const board = await database.board.create({ data: { teamId, name: "b" } })
  const preset = await database.preset.create({ data: { teamId, name: "p", config: {} } })
  const webhook = await database.webhook.create({
    data: { teamId, url: "https://example.org", sealedSecret: new Uint8Array(40), events: [], active: false },
  })
  const delivery = await database.webhookDelivery.create({
    data: { webhookId: webhook.id, runId: run.id, seq: 1, type: "StatusChanged" },
  })
  const expiresAt = new Date(Date.now() + 1e6)
  const invitation = await database.invitation.create({
    data: { teamId, role: "VIEWER", invitedById: ownerId, tokenHash: "i", expiresAt },
  })
  const apiToken = await database.apiToken.create({
    data: { teamId, userId: ownerId, name: "t", hash: "h", prefix: "p", scopes: ["READ"] },
  })
  const shareLink = await database.shareLink.create({ data: { teamId, kind: "RUN", targetId: run.id, tokenHash: "s" } })
  const member = await database.member.findFirstOrThrow({ where: { teamId, userId: ownerId } })
  const fileId = (await database.teamFile.findFirstOrThrow({ where: { teamId, hash } })).id
  return {
    teamId,
    datasetId,
    fileId,
    imageId: image.id,
    uploadId: upload.id,
    modelUploadId: modelUpload.id,
    conceptId: concept.id,
    baseModelId: baseModel.id,
    runId: run.id,
    checkpointId: checkpoint.id,
    generationId: generation.id,
    generatedImageId: generatedImage.id,
    transferId: transfer.id,
    modelId: model.id,
    boardId: board.id,
    presetId: preset.id,
    webhookId: webhook.id,
    deliveryId: delivery.id,
    invitationId: invitation.id,
    apiTokenId: apiToken.id,
    shareLinkId: shareLink.id,
    memberId: member.id,
  }
}

const fieldsOf = (type: GraphQLObjectType | null | undefined) => Object.keys(type?.getFields() ?? {}).sort()

/** A field with its arguments; lists with pages are asked for their rows and, apart, for their count. */
function asked(kind: GraphQLObjectType | null | undefined, field: string, args: string): string[] {
  const type = getNamedType(kind?.getFields()[field]?.type)
  const call = `${field}${args && `(${args})`}`
  if (isUnionType(type)) return [`${call} { __typename ... on Error { message } }`]
  if (!isObjectType(type) && type?.astNode === undefined && !("getFields" in Object(type))) return [call]
  if (type?.name.endsWith("Connection")) return [`${call} { edges { cursor } }`, `${call} { totalCount }`]
  return [`${call} { __typename }`]
}

let server: TestServer
let world: World
let people: { owner: Caller; stranger: Caller; outsider: Caller; viewer: Caller; readToken: Caller; otherToken: Caller }

before(async () => {
  server = await startTestServer()
  const owner = await server.member(undefined, "OWNER")
  world = await createWorld(server, owner.teamId, owner.userId)
  const outsider = await server.member(undefined, "OWNER")
  const viewer = await server.member(owner.teamId, "VIEWER")
  people = {
    owner: owner.caller,
    stranger: server.stranger,
    outsider: outsider.caller,
    viewer: viewer.caller,
    // An owner's token that may only read, and one of an owner of two teams that is for the other team.
    readToken: await server.token(owner.teamId, owner.userId, ["READ"]),
    otherToken: await server.token(outsider.teamId, outsider.userId, ["ADMIN"]),
  }
})
after(() => server.stop())

describe("the list of cases", () => {
  it("has every field of the schema, so that a new one without a case fails here", () => {
    assert.deepEqual(Object.keys(queries).sort(), fieldsOf(schema.getQueryType()))
    assert.deepEqual(Object.keys(mutations).sort(), fieldsOf(schema.getMutationType()))
    assert.deepEqual(Object.keys(subscriptions).sort(), fieldsOf(schema.getSubscriptionType()))
  })
})

/** What of an answer counts as nothing: no data, an empty list, or problems in the place of figures. */
const nothing = (value: unknown) => value === null || value === undefined

describe("queries", () => {
  for (const [field, { args, own, studio, public: open }] of Object.entries(queries)) {
    const texts = () => asked(schema.getQueryType(), field, args?.(world) ?? "")
    if (!open)
      it(`${field} tells a stranger nothing`, async () => {
        for (const text of texts()) {
          const { data, errors } = await people.stranger.query(`{ ${text} }`)
          assert.ok(nothing(data?.[field]), text)
          assert.equal(errors?.[0]?.extensions?.code, "FORBIDDEN", text)
        }
      })
    if (!open && !own)
      for (const who of ["outsider", "otherToken"] as const)
        it(`${field} tells a member of another team nothing (${who})`, async () => {
          for (const text of texts()) {
            const { data, errors } = await people[who].query(`{ ${text} }`)
            assert.ok(nothing(data?.[field]), text)
            const refusal = studio ? "FORBIDDEN" : "NOT_FOUND"
            if (errors !== undefined) assert.equal(errors[0]?.extensions?.code, refusal, JSON.stringify(errors))
          }
        })
    if (!open)
      for (const who of ["viewer", "readToken"] as const)
        it(`${field} ${studio ? "is refused to" : "answers"} a viewer (${who})`, async () => {
          for (const text of texts()) {
            const { data, errors } = await people[who].query(`{ ${text} }`)
            assert.equal(errors?.[0]?.extensions?.code, studio && "FORBIDDEN", JSON.stringify(errors))
            if (studio) assert.ok(nothing(data?.[field]))
          }
        })
  }
})

describe("mutations", () => {
  const result = async (caller: Caller, field: string, args: string) => {
    const [text = ""] = asked(schema.getMutationType(), field, args)
    const { data, errors } = await caller.query(`mutation { ${text} }`)
    assert.equal(errors, undefined, JSON.stringify(errors))
    return data[field].__typename
  }
  for (const [field, { args, own, viewer, studio }] of Object.entries(mutations)) {
    it(`${field} is refused to a stranger`, async () => {
      assert.equal(await result(people.stranger, field, args?.(world) ?? ""), "ForbiddenError")
    })
    if (own) continue
    for (const who of ["outsider", "otherToken"] as const)
      it(`${field} finds nothing for a member of another team (${who})`, async () => {
        const forbidden = who === "otherToken" || studio
        const refusals = forbidden ? ["NotFoundError", "ForbiddenError"] : ["NotFoundError"]
        const got = await result(people[who], field, args?.(world) ?? "")
        assert.ok(refusals.includes(got), got)
      })
    if (viewer) continue
    for (const who of ["viewer", "readToken"] as const)
      it(`${field} is refused to a viewer (${who})`, async () => {
        assert.equal(await result(people[who], field, args?.(world) ?? ""), "ForbiddenError")
      })
  }
})

describe("subscriptions", () => {
  for (const [field, { args, own, studio }] of Object.entries(subscriptions)) {
    const query = () => `subscription { ${field}${args ? `(${args(world)})` : ""} { __typename } }`
    it(`${field} does not connect a stranger`, async () => {
      await assert.rejects(async () => {
        for await (const _ of people.stranger.follow(query())) assert.fail("something was told")
      })
    })
    if (!own)
      it(`${field} finds nothing for a member of another team`, async () => {
        for await (const { data, errors } of people.outsider.follow(query())) {
          assert.ok(nothing(data?.[field]))
          assert.equal(errors?.[0]?.extensions?.code, studio ? "FORBIDDEN" : "NOT_FOUND")
        }
      })
  }
})

describe("addresses beside GraphQL", () => {
  const paths = () => [
    `/files/${world.fileId}`,
    `/files/${world.fileId}?size=256`,
    `/datasets/${world.datasetId}.zip`,
    `/models/${world.modelId}.zip`,
    `/runs/${world.runId}/checkpoints/${world.checkpointId}.zip`,
    `/runs/${world.transferId}/files.zip`,
  ]
  for (const who of ["stranger", "outsider", "otherToken"] as const)
    it(`are not there for others (${who})`, async () => {
      for (const path of paths()) assert.equal((await people[who].fetch(path)).status, 404, path)
    })
  it("answer a viewer", async () => {
    for (const path of paths().filter((path) => !path.includes("size")))
      assert.equal((await people.viewer.fetch(path)).status, 200, path)
  })
})

/** Last, for it changes and deletes what the others look at. */
describe("an owner", () => {
  // What others need goes last.
  const order = (field: string) => (field === "deleteDataset" ? 2 : /^(delete|remove|revoke)/.test(field) ? 1 : 0)
  const fields = Object.keys(mutations).sort((a, b) => order(a) - order(b))
  for (const field of fields)
    it(`is answered by ${field}: it is done, or a sentence says what is in the way`, async () => {
      const args = mutations[field]?.args?.(world) ?? ""
      const [text = ""] = asked(schema.getMutationType(), field, args)
      const { data, errors } = await people.owner.query(`mutation { ${text} }`)
      assert.equal(errors, undefined, JSON.stringify(errors))
      const { __typename: type, message } = data[field]
      // What is asked for without an argument of the world may not be there at all.
      const fine = /Success$/.test(type) || type === "ConflictError" || type === "InputError"
      assert.ok(fine || (mutations[field]?.own && type === "NotFoundError"), `${type} ${message}`)
    })
})

import assert from "node:assert/strict"
import { createHmac } from "node:crypto"
import { createServer, type IncomingHttpHeaders } from "node:http"
import { after, before, describe, it } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { appendEvents, claimRun, recordFile, registerWorker } from "@fjord/db"
import { type Caller, startTestServer, type TestServer, testPicture } from "../testServer.fixture.ts"
import { isPublic, resolvePublic } from "./publicAddress.ts"

let server: TestServer
let owner: { caller: Caller; teamId: string; userId: string }
let workerId: string

before(async () => {
  server = await startTestServer({ FJORD_ALLOW_PRIVATE_WEBHOOKS: "1" })
  owner = await server.member(undefined, "OWNER")
  const worker = {
    name: "w",
    host: "h",
    pid: 1,
    version: "1",
    provider: "cpu",
    threads: 1,
    memoryBytes: 1e9,
    device: {},
  }
  workerId = await registerWorker(server.database, worker)
})
after(() => server.stop())

async function picture(seed: number): Promise<string> {
  const file = await server.files.put(await testPicture(seed))
  await recordFile(server.database, { ...file, mediaType: "image/png" }, owner.teamId)
  return file.hash
}

const create = `mutation ($kind: ShareKind!, $targetId: ID!, $expiresAt: DateTime) { createShareLink(kind: $kind, targetId: $targetId, expiresAt: $expiresAt) {
  ... on MutationCreateShareLinkSuccess { data { url shareLink { id } } } } }`

const shared = `query ($token: String!) { shared(token: $token) { __typename
  ... on SharedRun { name images { url thumbnailUrl prompt } metrics { step } }
  ... on SharedBoard { name images { url thumbnailUrl } }
  ... on SharedModelCard { name markdown samples { url } } } }`

describe("a share link", () => {
  it("shows exactly its board with its pictures, to anybody, until it is revoked", async () => {
    const { database } = server
    const { teamId } = owner
    const board = await database.board.create({ data: { teamId, name: "fjords" } })
    const run = await database.run.create({ data: { teamId, kind: "GENERATION", name: "g", config: {} } })
    const image = { teamId, runId: run.id, seed: 1n, prompt: "x", width: 96, height: 96 }
    await database.generatedImage.create({ data: { ...image, index: 0, hash: await picture(1), boardId: board.id } })
    const hidden = await picture(2)
    await database.generatedImage.create({ data: { ...image, index: 1, hash: hidden } })
    const link = await owner.caller.act("createShareLink", create, { kind: "BOARD", targetId: board.id })
    const token = link.url.split("/").at(-1)
    const { data } = await server.stranger.query(shared, { token })
    assert.equal(data.shared.name, "fjords")
    const [{ url, thumbnailUrl }, ...rest] = data.shared.images
    assert.equal(rest.length, 0)
    for (const path of [url, thumbnailUrl]) {
      const response = await server.stranger.fetch(path)
      assert.equal(response.status, 200)
      assert.match(response.headers.get("cache-control") ?? "", /^private/)
    }
    const other = await database.teamFile.findFirstOrThrow({ where: { hash: hidden } })
    assert.equal((await server.stranger.fetch(`/files/${other.id}?share=${token}`)).status, 404)
    assert.equal((await server.stranger.fetch(url.split("?")[0])).status, 404)
    const revoke = `mutation ($id: ID!) { revokeShareLink(id: $id) { ... on MutationRevokeShareLinkSuccess { data { id } } } }`
    await owner.caller.act("revokeShareLink", revoke, { id: link.shareLink.id })
    assert.equal((await server.stranger.query(shared, { token })).data.shared, null)
    assert.equal((await server.stranger.fetch(url)).status, 404)
  })

  it("shows a run with samples and losses but no rows of the team, and ends at its time", async () => {
    const { database } = server
    const config = { options: { instancePrompt: "a photo of sks toy" } }
    const run = await database.run.create({
      data: { teamId: owner.teamId, kind: "TRAINING", name: "robot", config, status: "FAILED" },
    })
    await database.sample.create({
      data: { runId: run.id, step: 1, promptIndex: 0, prompt: "x", seed: 1n, hash: await picture(3) },
    })
    const expiresAt = new Date(Date.now() + 3600_000)
    const { url, shareLink } = await owner.caller.act("createShareLink", create, {
      kind: "RUN",
      targetId: run.id,
      expiresAt,
    })
    const token = url.split("/").at(-1)
    const { data } = await server.stranger.query(shared, { token })
    assert.equal(data.shared.images.length, 1)
    assert.equal((await server.stranger.fetch(data.shared.images[0].url)).status, 200)
    await database.shareLink.update({ where: { id: shareLink.id }, data: { expiresAt: new Date(Date.now() - 1000) } })
    assert.equal((await server.stranger.query(shared, { token })).data.shared, null)
    assert.equal((await server.stranger.fetch(data.shared.images[0].url)).status, 404)
  })
})

describe("webhooks", () => {
  it("are told of what they ask for, signed, and again after a failure", async () => {
    const calls: { headers: IncomingHttpHeaders; body: string }[] = []
    const receiver = createServer(async (request, response) => {
      let body = ""
      for await (const chunk of request) body += chunk
      calls.push({ headers: request.headers, body })
      response.statusCode = calls.length === 1 ? 500 : 204
      response.end()
    })
    await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve))
    const address = receiver.address()
    const port = typeof address === "object" ? address?.port : undefined
    try {
      const { secret, webhook } = await owner.caller.act(
        "createWebhook",
        `mutation ($teamId: ID!, $url: String!) { createWebhook(teamId: $teamId, url: $url, events: ["Message"]) {
          ... on MutationCreateWebhookSuccess { data { secret webhook { id } } } ... on Error { message } } }`,
        { teamId: owner.teamId, url: `http://127.0.0.1:${port}/hook` },
      )
      await server.database.run.create({
        data: { teamId: owner.teamId, kind: "TRAINING", name: "r", config: { options: { instancePrompt: "x" } } },
      })
      const run = await claimRun(server.database, { id: workerId, name: "w" }, ["TRAINING"])
      assert.ok(run)
      await appendEvents(server.database, run, [{ type: "Message", level: "info", text: "hello" }])
      const delivery = () => server.database.webhookDelivery.findFirst({ where: { webhookId: webhook.id } })
      while (calls.length === 0 || (await delivery())?.status == null) await sleep(50)
      const failed = await delivery()
      assert.deepEqual([failed?.attempts, failed?.status, failed?.deliveredAt], [1, 500, null])
      const [call] = calls
      const [time, signature] = String(call?.headers["x-fjord-signature"]).split(",")
      const wanted = createHmac("sha256", secret)
        .update(`${time?.slice(2)}.${call?.body}`)
        .digest("hex")
      assert.equal(signature, `v1=${wanted}`)
      const body = JSON.parse(call?.body ?? "")
      assert.deepEqual([body.event.type, body.event.text, body.run.name], ["Message", "hello", "r"])
      assert.equal(await server.database.webhookDelivery.count({ where: { webhookId: webhook.id } }), 1)
    } finally {
      receiver.close()
    }
  })

  it("never call addresses behind the server's own walls", async () => {
    const walls = [
      "127.0.0.1",
      "10.1.2.3",
      "172.20.0.1",
      "192.168.1.1",
      "169.254.169.254",
      "0.0.0.0",
      "100.64.0.1",
      "::1",
      "::ffff:10.0.0.1",
      "fe80::1",
      "fd00::1",
      "64:ff9b::a00:1",
      "no address",
    ]
    for (const address of walls) assert.equal(isPublic(address), false, address)
    for (const address of ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
      assert.equal(isPublic(address), true)
    for (const url of [
      "http://127.0.0.1/",
      "http://[::1]:80/",
      "http://2130706433/",
      "http://0x7f.1/",
      "http://localhost:5432/",
      "file:///etc/passwd",
      "ftp://example.org",
      "http://user:secret@93.184.215.14/",
    ])
      await assert.rejects(resolvePublic(url, false), url)
    assert.equal((await resolvePublic("http://93.184.215.14/", false)).address, "93.184.215.14")
  })
})

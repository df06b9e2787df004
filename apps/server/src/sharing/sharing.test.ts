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
  await recordFile(server.database, server.files, { ...file, mediaType: "image/png" }, owner.teamId)
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
    const names = "query ($id: ID!) { team(id: $id) { shareLinks { edges { node { kind name } } } } }"
    const named = async () => (await owner.caller.query(names, { id: teamId })).data.team.shareLinks.edges[0].node
    assert.deepEqual(await named(), { kind: "BOARD", name: "fjords" })
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
  const createHook = `mutation ($teamId: ID!, $url: String!) { createWebhook(teamId: $teamId, url: $url, events: [Message]) {
    ... on MutationCreateWebhookSuccess { data { secret webhook { id events } } } ... on Error { message } } }`
  const deliveries = `query ($teamId: ID!) { team(id: $teamId) { webhooks { edges { node { id deliveries { totalCount edges { node {
    id event state attempts status problem nextAttemptAt run { name } } } } } } } } }`
  type Call = { headers: IncomingHttpHeaders; body: string }

  /** A receiver that answers with the next of `statuses`, the last one for ever; 0 keeps silent. */
  async function receive(statuses: readonly number[]) {
    const calls: Call[] = []
    const receiver = createServer(async (request, response) => {
      let body = ""
      for await (const chunk of request) body += chunk
      calls.push({ headers: request.headers, body })
      const status = statuses[Math.min(calls.length, statuses.length) - 1] ?? 204
      if (status === 0) return
      response.statusCode = status
      response.end()
    })
    await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve))
    const address = receiver.address()
    const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/hook`
    const close = () => {
      receiver.closeAllConnections()
      receiver.close()
    }
    return { calls, url, close }
  }
  const hook = async (url: string) =>
    owner.caller.act("createWebhook", createHook, { teamId: owner.teamId, url }) as Promise<{
      secret: string
      webhook: { id: string; events: string[] }
    }>
  const deliveriesOf = async (webhookId: string) => {
    const { data } = await owner.caller.query(deliveries, { teamId: owner.teamId })
    const found = data.team.webhooks.edges.find(({ node }: { node: { id: string } }) => node.id === webhookId)
    return found.node.deliveries.edges.map(({ node }: { node: object }) => node)
  }
  const until = async <Found>(look: () => Promise<Found | false>): Promise<Found> => {
    for (;;) {
      const found = await look()
      if (found !== false) return found
      await sleep(50)
    }
  }
  async function say(text: string) {
    const data = { teamId: owner.teamId, kind: "TRAINING" as const, name: "r" }
    await server.database.run.create({ data: { ...data, config: { options: { instancePrompt: "x" } } } })
    const run = await claimRun(server.database, { id: workerId, name: "w" }, ["TRAINING"])
    assert.ok(run)
    await appendEvents(server.database, run, [{ type: "Message", level: "info", text }])
  }

  it("are told of what they ask for, signed, and again after a failure until it is taken", async () => {
    const { calls, url, close } = await receive([500, 204])
    try {
      const { secret, webhook } = await hook(url)
      assert.deepEqual(webhook.events, ["Message"])
      await say("hello")
      const first = await until(async () => {
        const [delivery] = await deliveriesOf(webhook.id)
        return delivery?.status != null && delivery
      })
      assert.deepEqual(
        [first.event, first.state, first.attempts, first.status, first.run.name],
        ["Message", "WAITING", 1, 500, "r"],
      )
      assert.ok(Date.parse(first.nextAttemptAt) > Date.now())
      const [call] = calls
      const [time, signature] = String(call?.headers["x-fjord-signature"]).split(",")
      const wanted = createHmac("sha256", secret)
        .update(`${time?.slice(2)}.${call?.body}`)
        .digest("hex")
      assert.equal(signature, `v1=${wanted}`)
      const body = JSON.parse(call?.body ?? "")
      assert.deepEqual([body.event.type, body.event.text, body.run.name], ["Message", "hello", "r"])
      // As if the time until the next attempt had passed.
      await server.database.webhookDelivery.update({ where: { id: first.id }, data: { dueAt: new Date() } })
      const second = await until(async () => {
        const [delivery] = await deliveriesOf(webhook.id)
        return delivery?.state === "DELIVERED" && delivery
      })
      assert.deepEqual([second.attempts, second.status, second.problem], [2, 204, null])
      assert.equal(calls[1]?.body, call?.body)
      assert.equal(calls[1]?.headers["x-fjord-delivery"], call?.headers["x-fjord-delivery"])
      assert.equal(await server.database.webhookDelivery.count({ where: { webhookId: webhook.id } }), 1)
    } finally {
      close()
    }
  })

  it("are given up after eight attempts, and tried again when somebody asks", async () => {
    const { calls, url, close } = await receive([503, 503, 204])
    const retry = `mutation ($id: ID!) { retryDelivery(id: $id) { ... on MutationRetryDeliverySuccess { data { state attempts } } ... on Error { message } } }`
    try {
      const { webhook } = await hook(url)
      await say("again")
      const { id } = await until(async () => {
        const [delivery] = await deliveriesOf(webhook.id)
        return delivery?.status != null && delivery
      })
      await server.database.webhookDelivery.update({ where: { id }, data: { attempts: 7, dueAt: new Date() } })
      await until(async () => (await deliveriesOf(webhook.id))[0]?.state === "GIVEN_UP" && true)
      await server.database.webhookDelivery.update({ where: { id }, data: { dueAt: new Date(0) } })
      const again = await owner.caller.act("retryDelivery", retry, { id })
      assert.deepEqual(again, { state: "WAITING", attempts: 0 })
      await until(async () => (await deliveriesOf(webhook.id))[0]?.state === "DELIVERED" && true)
      assert.equal(calls.length, 3)
      const { data } = await owner.caller.query(retry, { id })
      assert.match(data.retryDelivery.message, /delivered already/)
    } finally {
      close()
    }
  })

  it("do not wait for one that does not answer", async () => {
    const silent = await receive([0])
    const prompt = await receive([204])
    try {
      await hook(silent.url)
      await say("one")
      await until(async () => silent.calls.length > 0 && true)
      const { webhook } = await hook(prompt.url)
      await say("two")
      await until(async () => (await deliveriesOf(webhook.id))[0]?.state === "DELIVERED" && true)
      assert.equal(silent.calls.length, 1, "the silent one has not been given up meanwhile")
    } finally {
      silent.close()
      prompt.close()
    }
  })

  it("can be tried before there is anything to tell", async () => {
    const { calls, url, close } = await receive([204, 404])
    const test = `mutation ($id: ID!) { testWebhook(id: $id) { ... on MutationTestWebhookSuccess { data { status problem } } } }`
    try {
      const { webhook } = await hook(url)
      assert.deepEqual(await owner.caller.act("testWebhook", test, { id: webhook.id }), { status: 204, problem: null })
      assert.equal(JSON.parse(calls[0]?.body ?? "").event.type, "Ping")
      const refused = await owner.caller.act("testWebhook", test, { id: webhook.id })
      assert.deepEqual(refused, { status: 404, problem: "The receiver answered with status 404." })
    } finally {
      close()
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

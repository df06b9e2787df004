import assert from "node:assert/strict"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { inspect } from "node:util"
import { type StandIn, type StandInOptions, startStandIn } from "../../../test/hub/standIn.ts"
import { createRepository, whoAmI } from "./account.ts"
import { hubConnection } from "./connection.ts"
import { connectTo, patience, scratchFolder } from "./hub.fixture.ts"
import { explain, HubError, redactTokens } from "./hubError.ts"
import { pullModel } from "./model/pullModel.ts"
import { pushFiles } from "./transfer/push.ts"
import { readRepository } from "./transfer/remoteFiles.ts"
import type { TransferEvent } from "./transfer/transferEvent.ts"

const scratch = scratchFolder()
let standIn: StandIn
before(async () => {
  standIn = await startStandIn()
  const files = [{ path: "a.safetensors", content: "weights" }]
  for (const name of ["open", "secret", "gated"]) {
    const repository = { type: "model", id: `anna/${name}` } as const
    standIn.add("model", repository.id, { isPrivate: name === "secret" }).gated = name === "gated"
    await pushFiles(connect(), files, { repository, title: "Files" })
  }
})
after(() => standIn.close())

const connect = (token: string | null = standIn.token) =>
  connectTo(standIn, mkdtempSync(join(scratch, "cache-")), token)

async function failure(work: Promise<unknown>): Promise<HubError> {
  const error = await work.then(
    () => assert.fail("it should have failed"),
    (reason) => reason,
  )
  assert.ok(error instanceof HubError, inspect(error))
  assert.match(error.message, /^[\S].*[.)]$/s)
  return error
}

/** A push to a stand-in with other options. */
async function pushTo(options: StandInOptions, retry: object = {}): Promise<HubError> {
  const other = await startStandIn(options)
  try {
    const cacheFolder = join(scratch, "cache")
    const connection = hubConnection({
      endpoint: other.endpoint,
      token: other.token,
      cacheFolder,
      retry: { ...patience, ...retry },
    })
    const repository = { type: "model", id: "anna/robot" } as const
    other.add("model", repository.id)
    const files = [{ path: "a.safetensors", content: "0123456789" }]
    return await failure(pushFiles(connection, files, { repository, title: "Files" }))
  } finally {
    await other.close()
  }
}

test("a gated model says where to accept its conditions", async () => {
  for (const token of [null, standIn.strangerToken]) {
    const { code, message } = await failure(pullModel(connect(token), "anna/gated"))
    assert.equal(code, "gated")
    assert.ok(message.includes(`accept its conditions at ${standIn.endpoint}/anna/gated`))
  }
  assert.equal((await pullModel(connect(), "anna/gated")).kind, "files")
})

test("a private model, one that is not there and a wrong name say so", async () => {
  for (const [token, id] of [
    [null, "anna/secret"],
    [standIn.strangerToken, "anna/secret"],
    [standIn.token, "anna/none"],
  ] as const)
    assert.equal((await failure(pullModel(connect(token), id))).code, "notFound")
  assert.match((await failure(pullModel(connect(), "../../etc"))).message, /is no name of a model/)
  assert.match((await failure(pullModel(connect(), "anna/open", { files: ["b.txt"] }))).message, /no file b.txt/)
})

test("an unknown token, no token, a read token and a stranger's token say what to do", async () => {
  assert.equal((await failure(whoAmI(connect("hf_nobody")))).code, "unauthorised")
  assert.match((await failure(whoAmI(connect(null)))).message, /set HF_TOKEN/)
  const repository = { type: "model", id: "anna/new" } as const
  for (const token of [standIn.readToken, standIn.strangerToken])
    assert.equal((await failure(createRepository(connect(token), repository))).code, "forbidden")
  await createRepository(connect(), repository)
  assert.equal((await failure(createRepository(connect(), repository, { existOk: false }))).code, "exists")
})

test("what is too large says so", async () => {
  assert.equal((await pushTo({ largestFile: 5 })).code, "tooLarge")
})

test("a used-up rate limit says how long to wait, where it is not simply waited for", async () => {
  const error = await pushTo({ rateLimit: { requests: 0, waitSeconds: 400 } }, { longestWaitMilliseconds: 1000 })
  assert.equal(error.code, "rateLimited")
  assert.match(error.message, /wait 400 seconds/)
  const patient = await startStandIn({ rateLimit: { requests: 1, waitSeconds: 0 } })
  const connection = connectTo(patient, join(scratch, "cache"))
  patient.add("model", "anna/robot")
  await readRepository(connection, { type: "model", id: "anna/robot" })
  await patient.close()
})

test("no network says that the Hub cannot be reached", async () => {
  const nowhere = { ...connect(), endpoint: "http://127.0.0.1:9" }
  assert.match((await failure(whoAmI(nowhere))).message, /^http:\/\/127.0.0.1:9 cannot be reached/)
})

const skip = existsSync("/dev/full") ? false : "this system has no /dev/full"

test("a full disk says so, and nothing half-written is left under a file's name", { skip }, async () => {
  const connection = connect()
  const remote = await readRepository(connection, { type: "model", id: "anna/open" })
  const name = remote.files.get("a.safetensors")?.hash.value
  const blobs = join(connection.cacheFolder, "models--anna--open", "blobs")
  mkdirSync(blobs, { recursive: true })
  // A broken download that lies where every write fails.
  symlinkSync("/dev/full", join(blobs, `${name}.fjord-0.incomplete`))
  assert.equal((await failure(pullModel(connection, "anna/open"))).code, "diskFull")
  assert.ok(!readdirSync(blobs).includes(String(name)))
})

test("no token is in any message, event or error, whatever happens", async () => {
  const said: unknown[] = []
  const onEvent = (event: TransferEvent) => said.push(event)
  const token = standIn.strangerToken
  for (const id of ["anna/open", "anna/secret", "anna/gated", "anna/none"]) {
    const repository = { type: "model", id } as const
    for (const kind of ["drop", "tooMany", "failure", "truncate"] as const) {
      standIn.fault = { kind, strikes: () => true }
      said.push(await failure(pullModel(connect(token), id, { onEvent })))
      standIn.fault = undefined
    }
    const files = [{ path: "b.txt", content: "b" }]
    said.push(await failure(pushFiles(connect(token), files, { repository, title: "x", onEvent })))
  }
  said.push(await failure(createRepository(connect(token), { type: "model", id: "anna/x" })))
  said.push(explain(new Error(`Authorization: Bearer ${token}`), "testing", "https://huggingface.co"))
  const wrong = () => hubConnection({ token: "sk-secret" })
  assert.throws(wrong, (error) => error instanceof HubError && !inspect(error).includes("sk-secret"))
  assert.ok(said.length > 20)
  assert.ok(!inspect(said, { depth: 20, maxStringLength: null, maxArrayLength: null }).includes(token))
  assert.equal(redactTokens(`x ${token} y`), "x hf_… y")
})

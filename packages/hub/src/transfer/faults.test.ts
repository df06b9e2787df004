/** A fault in any single request: the transfer goes on and ends in the right bytes, or says in a sentence why not. */

import assert from "node:assert/strict"
import { mkdtempSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { after, before, describe, test } from "node:test"
import { inspect } from "node:util"
import { type FaultKind, faultKinds } from "../../../../test/hub/faults.ts"
import { type StandIn, startStandIn } from "../../../../test/hub/standIn.ts"
import { assertCacheIsHonest, assertFiles, connectTo, sampleFiles, scratchFolder, writeFiles } from "../hub.fixture.ts"
import { HubError } from "../hubError.ts"
import { pullFiles } from "./pullFiles.ts"
import { pushFolder } from "./push.ts"
import { readRepository } from "./remoteFiles.ts"

const scratch = scratchFolder()
const files = sampleFiles()
const folder = join(scratch, "model")
writeFiles(folder, files)

function assertSentence(error: unknown, token: string): void {
  assert.ok(error instanceof HubError, String(error))
  assert.match(error.message, /^\S.*[.)]$/)
  assert.ok(!inspect(error, { depth: 20 }).includes(token))
}

/** Runs `work` with one fault, and once more without if that failed. @returns whether the first run got through */
async function survives(standIn: StandIn, kind: FaultKind, at: number, work: () => Promise<void>): Promise<boolean> {
  const start = standIn.seen.length
  standIn.failOnce(kind, (_request, index) => index === start + at)
  try {
    await work()
    return true
  } catch (error) {
    assertSentence(error, standIn.token)
    standIn.fault = undefined
    await work()
    return false
  }
}

describe("a push", () => {
  let standIn: StandIn
  before(async () => {
    // One of the large files goes in parts, the other in one piece.
    standIn = await startStandIn({ transfer: "multipart", partBytes: 120_000 })
  })
  after(() => standIn.close())

  let repositories = 0
  const push = (connection = connectTo(standIn, join(scratch, "cache"))) => {
    repositories += 1
    const id = `anna/robot-${repositories}`
    standIn.add("model", id)
    return async () => {
      await pushFolder(connection, folder, { repository: { type: "model", id }, title: "Push" })
      const stored = standIn.repository("model", id)?.head("main")
      for (const [path, content] of Object.entries(files)) {
        const file = stored?.files.get(path)
        assert.ok(file, path)
        assert.deepEqual(readFileSync(standIn.world.blobs.path(file.lfs?.oid ?? file.oid)), content, path)
      }
    }
  }

  for (const kind of faultKinds)
    test(`survives ${kind} at every request`, async () => {
      await push()()
      const total = standIn.seen.length
      let failures = 0
      for (let at = 0; at < 40; at += 1) {
        // Each time a new repository, with large files that the storage has not seen.
        for (const blob of Object.keys(files)) standIn.forgetContent(files[blob] ?? Buffer.alloc(0))
        const start = standIn.seen.length
        if (!(await survives(standIn, kind, at, push()))) failures += 1
        if (standIn.fault !== undefined || standIn.seen.length - start <= at) break
      }
      assert.ok(total > 0)
      // A passing fault never ends a push; a wrong bit may.
      if (kind !== "corrupt") assert.equal(failures, 0)
      standIn.fault = undefined
    })
})

describe("a pull", () => {
  let standIn: StandIn
  const repository = { type: "model", id: "anna/robot" } as const
  before(async () => {
    standIn = await startStandIn({ pageSize: 5 })
    standIn.add("model", repository.id)
    await pushFolder(connectTo(standIn, join(scratch, "cache")), folder, { repository, title: "Push" })
  })
  after(() => standIn.close())

  const pull = (cacheFolder: string) => async () => {
    const connection = connectTo(standIn, cacheFolder)
    try {
      const remote = await readRepository(connection, repository)
      assertFiles(await pullFiles(connection, remote, Object.keys(files), "main"), files)
    } finally {
      assertCacheIsHonest(cacheFolder)
    }
  }

  for (const kind of faultKinds)
    test(`survives ${kind} at every request`, async () => {
      let failures = 0
      for (let at = 0; at < 40; at += 1) {
        const start = standIn.seen.length
        if (!(await survives(standIn, kind, at, pull(mkdtempSync(join(scratch, "cache-")))))) failures += 1
        if (standIn.fault !== undefined || standIn.seen.length - start <= at) break
      }
      if (kind !== "corrupt") assert.equal(failures, 0)
      standIn.fault = undefined
    })

  test("goes on from where it broke off, in a later run too", async () => {
    const cacheFolder = mkdtempSync(join(scratch, "cache-"))
    const connection = connectTo(standIn, cacheFolder)
    const remote = await readRepository(connection, repository)
    const large = "unet/model.safetensors"
    const stop = new AbortController()
    const broken = pullFiles(connection, remote, [large], "main", {
      signal: stop.signal,
      onEvent: (event) => event.type === "BytesTransferred" && event.fileBytes > 100_000 && stop.abort(),
    })
    await assert.rejects(broken, { code: "aborted" })
    const blobs = join(cacheFolder, "models--anna--robot", "blobs")
    assert.equal(readdirSync(blobs).filter((name) => name.endsWith(".incomplete")).length, 1)
    let first: number | undefined
    await pullFiles(connection, remote, [large], "main", {
      onEvent: (event) => {
        if (event.type === "BytesTransferred") first ??= event.fileBytes
      },
    })
    assert.ok(first !== undefined && first > 100_000, `started at ${first}`)
    assert.deepEqual(readdirSync(blobs), [remote.files.get(large)?.hash.value])
  })

  for (const damaged of [false, true])
    test(`goes on from what a killed process left, ${damaged ? "even if that is damaged" : "without its bytes again"}`, async () => {
      const cacheFolder = mkdtempSync(join(scratch, "cache-"))
      const connection = connectTo(standIn, cacheFolder)
      const remote = await readRepository(connection, repository)
      const large = "unet/model.safetensors"
      const name = remote.files.get(large)?.hash.value ?? ""
      const left = Buffer.from(files[large]?.subarray(0, 200_000) ?? [])
      if (damaged) left.fill(0, 1000, 2000)
      // No process has this number: the kernel's limit is below it.
      writeFiles(join(cacheFolder, "models--anna--robot", "blobs"), { [`${name}.fjord-99999999.incomplete`]: left })
      const start = standIn.seen.length
      await pull(cacheFolder)()
      const times = standIn.seen.slice(start).filter(({ path }) => path === `/objects/${name}`).length
      assert.equal(times, damaged ? 2 : 1)
    })

  test("is shared by two who want the same at once", async () => {
    const cacheFolder = mkdtempSync(join(scratch, "cache-"))
    const start = standIn.seen.length
    await Promise.all([pull(cacheFolder)(), pull(cacheFolder)()])
    const objects = standIn.seen.slice(start).filter(({ server }) => server === "storage")
    assert.equal(objects.length, new Set(objects.map(({ path }) => path)).size)
  })

  test("keeps nothing of a file that is wrong again and again", async () => {
    const cacheFolder = mkdtempSync(join(scratch, "cache-"))
    const connection = connectTo(standIn, cacheFolder)
    const remote = await readRepository(connection, repository)
    standIn.fault = { kind: "corrupt", strikes: () => true }
    await assert.rejects(pullFiles(connection, remote, ["vae/model.safetensors"], "main"), { code: "wrongHash" })
    standIn.fault = undefined
    assert.deepEqual(readdirSync(join(cacheFolder, "models--anna--robot", "blobs")), [])
  })

  for (const kind of ["drop", "tooMany", "failure", "truncate"] as const)
    test(`ends in a sentence when ${kind} never ends`, async () => {
      const cacheFolder = mkdtempSync(join(scratch, "cache-"))
      standIn.fault = { kind, strikes: () => true }
      await assert.rejects(pull(cacheFolder), (error) => {
        assertSentence(error, standIn.token)
        return true
      })
      standIn.fault = undefined
    })

  test("stops when told to, and the next one goes on", async () => {
    const cacheFolder = mkdtempSync(join(scratch, "cache-"))
    const connection = connectTo(standIn, cacheFolder)
    const remote = await readRepository(connection, repository)
    const stop = new AbortController()
    const pulled = pullFiles(connection, remote, Object.keys(files), "main", {
      signal: stop.signal,
      onEvent: (event) => event.type === "BytesTransferred" && event.fileBytes > 1000 && stop.abort(),
    })
    await assert.rejects(pulled, { code: "aborted" })
    assertCacheIsHonest(cacheFolder)
    await pull(cacheFolder)()
  })
})

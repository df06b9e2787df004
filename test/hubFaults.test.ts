/**
 * A worker's transfers of data sets, each kind of fault at a request that chance chooses: the run succeeds with the same
 * rows and files as without it, or fails with what to do and succeeds when it is resumed.
 */

import assert from "node:assert/strict"
import { hash } from "node:crypto"
import { mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { after, before, describe, it, type TestContext } from "node:test"
import { assertCacheIsHonest } from "../packages/hub/src/hub.fixture.ts"
import { resumedToSuccess } from "./hub/failedRuns.ts"
import { faultKinds } from "./hub/faults.ts"
import { type StudioAtHub, startStudioAtHub } from "./hub/studio.ts"

type FaultKind = (typeof faultKinds)[number]

describe("a worker's transfer of a data set", () => {
  let studio: StudioAtHub
  before(async () => {
    studio = await startStudioAtHub({ transfer: "multipart", partBytes: 60_000 })
  })
  after(() => studio.stop())

  const cache = () => join(studio.data, "hub")
  const requests = new Map<"push" | "pull", number>()

  /** Lets the run meet one fault at one of the requests that it makes, chosen by chance. */
  async function struck(context: TestContext, kind: FaultKind, what: "push" | "pull", start: () => Promise<string>) {
    const chosen = Math.floor(Math.random() * (requests.get(what) ?? assert.fail(what)))
    const at = studio.standIn.seen.length + chosen
    context.diagnostic(`${kind} at request ${chosen + 1} of ${requests.get(what)}`)
    studio.standIn.fault = { kind, strikes: (_request, index) => index === at }
    const runId = await start()
    const ended = await studio.follow(runId)
    studio.standIn.fault = undefined
    return { runId, ended }
  }

  /** A repository's files by path; its README names the repository. */
  function stored(id: string): Map<string, string> {
    const paths = studio.filesAt("dataset", id)
    const [, name = ""] = id.split("/")
    const text = (path: string) => studio.published("dataset", id, path).toString("latin1")
    return new Map(
      paths.map((path) => [path, hash("sha256", text(path).replaceAll(id, "ID").replace(`# ${name}`, "#"))]),
    )
  }

  const forgetCache = () => rmSync(cache(), { recursive: true, force: true })

  before(async () => {
    const { seen } = studio.standIn
    const start = seen.length
    await studio.succeeds((await studio.startPush("anna/whole")).id)
    requests.set("push", seen.length - start)
    await studio.succeeds((await studio.startPull("anna/whole", "Whole")).id)
    requests.set("pull", seen.length - start - (requests.get("push") ?? 0))
  })

  for (const kind of faultKinds) {
    it(`pushes the same in spite of ${kind}`, async (context) => {
      const id = `anna/push-${kind}`
      const whole = stored("anna/whole")
      for (const { lfs } of studio.standIn.repository("dataset", "anna/whole")?.head("main")?.files.values() ?? [])
        if (lfs) studio.standIn.world.blobs.drop(lfs.oid)
      const { runId, ended } = await struck(context, kind, "push", async () => (await studio.startPush(id)).id)
      await resumedToSuccess(studio, runId, ended, async () => {})
      assert.deepEqual(stored(id), whole)
    })

    it(`pulls the same in spite of ${kind}`, async (context) => {
      forgetCache()
      let datasetId = ""
      const { runId, ended } = await struck(context, kind, "pull", async () => {
        const { id, targetId } = await studio.startPull("anna/whole", `Pulled ${kind}`)
        datasetId = targetId
        return id
      })
      assertCacheIsHonest(cache())
      await resumedToSuccess(studio, runId, ended, async () => assert.ok(!(await studio.hasDataset(datasetId))))
      assert.deepEqual(await studio.picturesOf(datasetId), studio.pictures)
      assertCacheIsHonest(cache())
    })
  }

  it("says that the disk is full, takes nothing for whole, and goes on when there is space", async () => {
    forgetCache()
    const files = [...(studio.standIn.repository("dataset", "anna/whole")?.head("main")?.files.values() ?? [])]
    const large = files.find(({ lfs }) => lfs)?.lfs?.oid
    const blobs = join(cache(), "datasets--anna--whole", "blobs")
    mkdirSync(blobs, { recursive: true })
    // What an earlier download left, on which writing fails as on a disk without space.
    symlinkSync("/dev/full", join(blobs, `${large}.fjord-0.incomplete`))
    const { id, targetId } = await studio.startPull("anna/whole", "Full")
    const ended = await studio.follow(id)
    assert.match(ended.failure?.message ?? "", /disk is full/)
    assert.match(ended.failure?.advice ?? "", /Free some space/)
    await resumedToSuccess(studio, id, ended, async () => {
      assert.ok(!(await studio.hasDataset(targetId)), "a failed pull leaves no data set")
      for (const name of readdirSync(blobs)) if (name.endsWith(".incomplete")) rmSync(join(blobs, name))
    })
    assert.deepEqual(await studio.picturesOf(targetId), studio.pictures)
  })

  it("leaves nothing in its scratch folder, however it ended", () => {
    assert.deepEqual(readdirSync(join(studio.data, "scratch", String(studio.workerPid))), [])
  })
})

/**
 * A worker's transfers of models, each kind of fault at every address that they ask: the run succeeds with the same rows
 * and files as without it, or fails with what to do and succeeds when it is resumed. The same on a disk that is full.
 */

import assert from "node:assert/strict"
import { hash } from "node:crypto"
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, describe, it } from "node:test"
import { assertCacheIsHonest, mayMount, onSmallDisk } from "../packages/hub/src/hub.fixture.ts"
import { assertAdvice, resumedToSuccess } from "./hub/failedRuns.ts"
import { everyAddressOnce, faultKinds } from "./hub/faults.ts"
import { type StudioAtHub, startStudioAtHub } from "./hub/studio.ts"

const probe = mkdtempSync(join(tmpdir(), "fjord-mount-"))
const skip = mayMount(probe) ? false : "a small disk cannot be mounted here"
rmSync(probe, { recursive: true })

describe("a worker's transfer of a model", () => {
  let studio: StudioAtHub
  let modelId: string
  before(async () => {
    studio = await startStudioAtHub({ transfer: "multipart", partBytes: 60_000 })
  })
  after(() => studio.stop())

  const cache = () => join(studio.data, "hub")

  const baseModel = async (id: string) =>
    (
      await studio.query("query ($id: ID!) { baseModel(id: $id) { revision byteSize licence family resolution } }", {
        id,
      })
    ).baseModel

  /** Nothing is known of a base model that has not come whole. */
  const assertUnknown = async (id: string) => {
    assertCacheIsHonest(cache())
    const { revision, byteSize, licence } = await baseModel(id)
    assert.deepEqual({ revision, byteSize, licence }, { revision: "main", byteSize: null, licence: null })
  }

  /** Every file of the model is in the cache as it was published. */
  function assertImported(id: string, commit: string): void {
    assertCacheIsHonest(cache())
    const snapshot = join(cache(), `models--${id.replace("/", "--")}`, "snapshots", commit)
    const files = readdirSync(studio.model, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    for (const { parentPath, name } of files) {
      const path = join(parentPath, name)
      assert.deepEqual(readFileSync(join(snapshot, path.slice(studio.model.length))), readFileSync(path), path)
    }
  }

  const startImport = (baseModelId: string) => studio.mutate("importModel", "$baseModelId: ID!", { baseModelId })
  const startPush = (repo: string) =>
    studio.mutate("pushModel", "$modelId: ID!, $repo: String!, $private: Boolean!", { modelId, repo, private: true })

  before(async () => {
    const runId = await studio.startTraining(await studio.addBase("FOLDER", studio.model), {
      method: "lora",
      maxTrainSteps: 1,
      validationPrompts: ["a sks robot"],
      validationInferenceSteps: 1,
    })
    await studio.succeeds(runId)
    const query = "query ($id: ID!) { trainingRun(id: $id) { models { id } } }"
    modelId = (await studio.query(query, { id: runId })).trainingRun.models[0].id
    const markdown: string = await studio.mutate("draftModelCard", "$modelId: ID!", { modelId }, "")
    await studio.mutate("saveModelCard", "$modelId: ID!, $markdown: String!", { modelId, markdown })
    await studio.succeeds((await startPush("anna/whole")).id)
  })

  /** A repository's files by path. */
  const stored = (id: string) =>
    new Map(studio.filesAt("model", id).map((path) => [path, hash("sha256", studio.published("model", id, path))]))

  for (const kind of faultKinds) {
    it(`is imported whole in spite of ${kind} at every address`, async (context) => {
      const id = `anna/tiny-${kind}`
      const commit = studio.publishTiny(id, { readme: "---\nlicense: mit\n---\n# Tiny\n" })
      const baseModelId = await studio.addBase("HUB", id)
      studio.standIn.fault = { kind, strikes: everyAddressOnce() }
      const from = studio.standIn.seen.length
      const run = await startImport(baseModelId)
      await resumedToSuccess(studio, run.id, await studio.follow(run.id), () => assertUnknown(baseModelId))
      studio.standIn.fault = undefined
      context.diagnostic(`${studio.standIn.seen.length - from} requests`)
      assertImported(id, commit)
      const { revision, byteSize, licence } = await baseModel(baseModelId)
      assert.equal(revision, commit)
      assert.ok(byteSize > 0)
      // A wrong bit in what the Hub says of a licence is in no hash.
      if (kind !== "corrupt") assert.equal(licence, "mit")
    })

    it(`is pushed whole in spite of ${kind} at every address`, async (context) => {
      const id = `anna/pushed-${kind}`
      const whole = stored("anna/whole")
      for (const { lfs } of studio.standIn.repository("model", "anna/whole")?.head("main")?.files.values() ?? [])
        if (lfs) studio.standIn.world.blobs.drop(lfs.oid)
      studio.standIn.fault = { kind, strikes: everyAddressOnce() }
      const from = studio.standIn.seen.length
      const run = await startPush(id)
      const ended = await studio.follow(run.id)
      await resumedToSuccess(studio, run.id, ended, async () => {
        const files = stored(id)
        // All of the commit, or only what a new repository has.
        if (files.size > 1) assert.deepEqual(files, whole)
      })
      studio.standIn.fault = undefined
      context.diagnostic(`${studio.standIn.seen.length - from} requests`)
      assert.deepEqual(stored(id), whole)
      const { model } = await studio.query("query ($id: ID!) { model(id: $id) { hubId hubRevision } }", { id: modelId })
      const head = studio.standIn.repository("model", id)?.head("main")?.oid
      assert.deepEqual(model, { hubId: id, hubRevision: head })
    })
  }

  it("is not taken for whole where the disk fills up while it comes, and comes when there is space", {
    skip,
  }, async () => {
    const id = "anna/tiny-full"
    const commit = studio.publishTiny(id)
    const baseModelId = await studio.addBase("HUB", id)
    rmSync(cache(), { recursive: true, force: true })
    mkdirSync(cache())
    // Downloads want 64 MB to spare before they begin.
    await onSmallDisk(
      cache(),
      async (disk) => {
        const ballast = join(disk, "ballast")
        studio.standIn.fault = {
          kind: "drop",
          strikes: ({ url }) => {
            if (/resolve\/.*\.safetensors/.test(url ?? "")) fill(ballast)
            return false
          },
        }
        const run = await startImport(baseModelId)
        const ended = await studio.follow(run.id)
        studio.standIn.fault = undefined
        assert.match(ended.failure?.message ?? "", /^The disk is full while downloading .*; free some space/)
        await resumedToSuccess(studio, run.id, ended, async () => {
          await assertUnknown(baseModelId)
          rmSync(ballast)
        })
        assertImported(id, commit)
      },
      "80m",
    )
  })

  it("is not pushed from a disk without space for it, and goes when there is some", { skip }, async () => {
    const id = "anna/pushed-full"
    const models = join(studio.data, "models")
    rmSync(models, { recursive: true, force: true })
    mkdirSync(models)
    let runId = ""
    await onSmallDisk(
      models,
      async (disk) => {
        runId = (await startPush(id)).id
        const ended = await studio.follow(runId)
        assertAdvice(ended)
        assert.match(ended.failure?.message ?? "", /disk .*is full/)
        assert.deepEqual(readdirSync(disk), [])
        assert.equal(studio.standIn.repository("model", id), undefined)
      },
      "16k",
    )
    const { id: resumed } = await studio.mutate("resumeRun", "$id: ID!", { id: runId })
    await studio.succeeds(resumed)
    assert.deepEqual(stored(id), stored("anna/whole"))
  })
})

/** Writes until the disk is full. */
function fill(file: string): void {
  try {
    for (;;) appendFileSync(file, Buffer.alloc(4096))
  } catch (error) {
    assert.ok(error instanceof Error && "code" in error && error.code === "ENOSPC")
  }
}

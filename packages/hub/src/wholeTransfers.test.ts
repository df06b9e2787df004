/**
 * Faults during whole transfers, as the command line and the platform make them: models with card and pictures, data
 * sets with parquet files. One fault in any single request, a disk that is full, a line that keeps breaking: the
 * transfer ends in the same bytes or in a sentence, and nothing half-written is taken for whole.
 */

import assert from "node:assert/strict"
import { createHash, randomBytes } from "node:crypto"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { after, before, describe, test } from "node:test"
import { type FaultKind, faultKinds, stormy } from "../../../test/hub/faults.ts"
import { type StandIn, startStandIn } from "../../../test/hub/standIn.ts"
import { derivedLicence } from "./card/licence.ts"
import { modelCard } from "./card/modelCard.ts"
import { samplePath } from "./card/samples.ts"
import { pullDataset } from "./dataset/pullDataset.ts"
import { pushDataset } from "./dataset/pushDataset.ts"
import { assertCacheIsHonest, connectTo, mayMount, onSmallDisk, scratchFolder, writeFiles } from "./hub.fixture.ts"
import { HubError } from "./hubError.ts"
import { copyModel, pullModel } from "./model/pullModel.ts"
import { pushModel } from "./model/pushModel.ts"

const scratch = scratchFolder()
const newFolder = () => mkdtempSync(join(scratch, "folder-"))

let standIn: StandIn
before(async () => {
  standIn = await startStandIn({ transfer: "multipart", partBytes: 60_000 })
})
after(() => standIn.close())

const lora = {
  "pytorch_lora_weights.safetensors": randomBytes(150_000),
  "pytorch_lora_weights_kohya.safetensors": randomBytes(20_000),
}
const picture = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), randomBytes(100_000)])
const other = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), randomBytes(20_000)])
const source = join(scratch, "source")
writeFiles(source, { ...lora, "a.png": randomBytes(5000), "1.jpg": picture, "2.jpg": other })

const shown = samplePath({ step: 2, promptIndex: 0, seed: 1n })
const card = (id: string) =>
  modelCard({
    title: "Robot",
    id,
    method: "lora",
    family: "sd1",
    licence: derivedLicence("sd1"),
    samples: [{ prompt: "a robot", image: shown }],
    settings: [],
  })
const connect = (cacheFolder = join(scratch, "cache")) => connectTo(standIn, cacheFolder)

async function sendModel(id: string): Promise<void> {
  const pictures = [{ path: shown, file: join(source, "a.png") }]
  await pushModel(connect(), id, { folder: source, card: card(id), pictures })
}

async function fetchModel(id: string, folder: string, cacheFolder = join(folder, "cache")): Promise<void> {
  try {
    const pulled = await pullModel(connect(cacheFolder), id)
    await copyModel(pulled, join(folder, "copy"))
  } finally {
    assertCacheIsHonest(cacheFolder)
  }
  for (const [path, bytes] of Object.entries(lora)) assert.deepEqual(readFileSync(join(folder, "copy", path)), bytes)
}

const sendDataset = (id: string, workFolder = scratch) =>
  pushDataset(connect(), id, {
    workFolder,
    images: [{ file: join(source, "1.jpg"), caption: "one" }, { file: join(source, "2.jpg") }],
  })

async function fetchDataset(id: string, folder: string, cacheFolder = join(folder, "cache")): Promise<void> {
  try {
    await pullDataset(connect(cacheFolder), id, join(folder, "copy"))
  } finally {
    assertCacheIsHonest(cacheFolder)
    // The folder is there only when all is.
    if (existsSync(join(folder, "copy"))) assert.equal(readdirSync(join(folder, "copy")).length, 3)
  }
  assert.deepEqual(readFileSync(join(folder, "copy", "00000.jpg")), picture)
  assert.deepEqual(readFileSync(join(folder, "copy", "00001.jpg")), other)
}

/** Every file of a repository is what its hash says. */
function assertRepository(type: "model" | "dataset", id: string): void {
  const files = standIn.repository(type, id)?.head("main")?.files.values() ?? []
  for (const { path, oid, lfs } of files) {
    const content = readFileSync(standIn.world.blobs.path(lfs?.oid ?? oid))
    const hash = lfs ? createHash("sha256") : createHash("sha1").update(`blob ${content.length}\0`)
    assert.equal(hash.update(content).digest("hex"), lfs?.oid ?? oid, path)
  }
}

function assertSentence(error: unknown): void {
  assert.ok(error instanceof HubError, String(error))
  assert.match(error.message, /^\S.{20,}[.)]$/)
  assert.ok(!error.message.includes(standIn.token))
}

let repositories = 0
const newId = () => `anna/whole-${++repositories}`

/** What is sent anew must not lie at the storage server from the time before. */
function forget(): void {
  for (const { lfs } of [...standIn.world.repositories.values()].flatMap(({ commits }) =>
    [...commits.values()].flatMap(({ files }) => [...files.values()]),
  ))
    if (lfs) rmSync(standIn.world.blobs.path(lfs.oid), { force: true })
  standIn.world.repositories.clear()
}

const pushes = { model: sendModel, dataset: sendDataset }
const pulls = { model: fetchModel, dataset: fetchDataset }

for (const type of ["model", "dataset"] as const)
  describe(`a ${type === "model" ? "model" : "data set"}`, () => {
    for (const kind of faultKinds) {
      test(`is pushed whole or not at all in spite of ${kind} at any request`, async () => {
        await everywhere(kind, async (order) => {
          forget()
          const id = newId()
          order(standIn.seen.length)
          const failed = await pushes[type](id).then(() => false, assertSentenceAnd(true))
          assertRepository(type, id)
          if (failed) await pushes[type](id)
          const files = standIn.repository(type, id)?.head("main")?.files
          assert.ok(files?.has(type === "model" ? shown : "data/train-00000-of-00001.parquet"))
          assertRepository(type, id)
          return failed
        })
      })

      test(`is pulled whole or not at all in spite of ${kind} at any request`, async () => {
        forget()
        const id = newId()
        await pushes[type](id)
        await everywhere(kind, async (order) => {
          const folder = newFolder()
          order(standIn.seen.length)
          const failed = await pulls[type](id, folder).then(() => false, assertSentenceAnd(true))
          if (failed) await pulls[type](id, folder)
          return failed
        })
      })
    }

    test("goes there and back over a line that breaks at every third request", async () => {
      forget()
      const id = newId()
      standIn.storm = stormy(3)
      try {
        await pushes[type](id)
        await pulls[type](id, newFolder())
      } finally {
        standIn.storm = undefined
      }
      assertRepository(type, id)
    })

    test("that fills the disk while it comes is not taken for whole, and goes on when there is space", async () => {
      forget()
      const id = newId()
      await pushes[type](id)
      const [cacheFolder, folder] = [newFolder(), newFolder()]
      const files = standIn.repository(type, id)?.head("main")?.files
      const large = files?.get(
        type === "model" ? "pytorch_lora_weights.safetensors" : "data/train-00000-of-00001.parquet",
      )
      const blobs = join(cacheFolder, `${type}s--${id.replace("/", "--")}`, "blobs")
      mkdirSync(blobs, { recursive: true })
      // Writing there fails as on a disk without space.
      symlinkSync("/dev/full", join(blobs, `${large?.lfs?.oid}.fjord-${process.pid}.incomplete`))
      await assert.rejects(pulls[type](id, folder, cacheFolder), isDiskFull)
      assert.deepEqual(readdirSync(folder), [])
      for (const name of readdirSync(blobs)) if (name.endsWith(".incomplete")) rmSync(join(blobs, name))
      await pulls[type](id, folder, cacheFolder)
    })

    const skip = mayMount(newFolder()) ? false : "a small disk cannot be mounted here"
    test("that does not fit where it is to lie leaves nothing there", { skip }, async () => {
      forget()
      const id = newId()
      await pushes[type](id)
      await onSmallDisk(newFolder(), async (folder) => {
        await assert.rejects(pulls[type](id, folder), isDiskFull)
        rmSync(join(folder, "cache"), { recursive: true, force: true })
        await assert.rejects(pulls[type](id, folder, newFolder()), isDiskFull)
        assert.deepEqual(readdirSync(folder), [])
        if (type === "model") return
        const next = newId()
        await assert.rejects(sendDataset(next, folder), isDiskFull)
        assert.deepEqual(readdirSync(folder), [])
        assert.equal(standIn.repository(type, next), undefined)
      })
    })
  })

function isDiskFull(error: unknown): boolean {
  assertSentence(error)
  return error instanceof HubError && error.code === "diskFull"
}

const assertSentenceAnd = (answer: true) => (error: unknown) => {
  standIn.fault = undefined
  assertSentence(error)
  return answer
}

/** Lets the fault strike at the first request, at the second, …, until the work makes no more requests. */
async function everywhere(kind: FaultKind, work: (order: (start: number) => void) => Promise<boolean>): Promise<void> {
  let failures = 0
  for (let at = 0; at < 60; at += 1) {
    let struck = false
    const order = (start: number) => {
      standIn.fault = {
        kind,
        strikes: (_request, index) => {
          if (struck || index !== start + at) return false
          struck = true
          return true
        },
      }
    }
    if (await work(order)) failures += 1
    standIn.fault = undefined
    if (!struck) break
  }
  // A passing fault ends no transfer; a wrong bit may.
  if (kind !== "corrupt") assert.equal(failures, 0)
}

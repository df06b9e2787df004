/**
 * `fjord push` and `fjord pull` as processes, each kind of fault at a request that chance chooses: in the end the same
 * files lie there as without it, and what fails says what to do. wholeTransfers.test.ts strikes every single request.
 */

import assert from "node:assert/strict"
import { createHash, hash, randomBytes } from "node:crypto"
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { after, before, describe, type TestContext, test } from "node:test"
import { encodePng } from "@fjord/diffusion"
import { assertCacheIsHonest, mayMount, onSmallDisk, scratchFolder } from "../../../packages/hub/src/hub.fixture.ts"
import { faultKinds } from "../../../test/hub/faults.ts"
import { type StandIn, startStandIn } from "../../../test/hub/standIn.ts"
import { type Ended, fjord, type Surroundings } from "./commandLine.fixture.ts"

const folder = scratchFolder()
const newFolder = () => mkdtempSync(join(folder, "run-"))

let standIn: StandIn
before(async () => {
  standIn = await startStandIn({ transfer: "multipart", partBytes: 60_000 })
  mkdirSync(join(folder, "photos"))
  for (const name of ["a", "b"]) {
    const file = join(folder, "photos", `${name}.png`)
    writeFileSync(file, await encodePng({ width: 200, height: 200, rgb: randomBytes(200 * 200 * 3) }))
    writeFileSync(join(folder, "photos", `${name}.txt`), `picture ${name}`)
  }
  mkdirSync(join(folder, "lora"))
  writeFileSync(join(folder, "lora", "pytorch_lora_weights.safetensors"), randomBytes(150_000))
})
after(() => standIn.close())

const things = {
  dataset: {
    id: "anna/toys",
    push: ["push", "dataset", join(folder, "photos"), "anna/toys"],
    pull: ["pull", "dataset", "anna/toys", "--out", "copy"],
  },
  model: {
    id: "anna/lora",
    push: ["push", "model", join(folder, "lora"), "anna/lora", "--base", "anna/base", "--license", "mit"],
    pull: ["pull", "model", "anna/lora", "--out", "copy"],
  },
} as const
type Kind = keyof typeof things

/** What a repository holds, by path; every file is what its hash says. */
function stored(kind: Kind): Map<string, string> {
  const files = standIn.repository(kind, things[kind].id)?.head("main")?.files.values() ?? []
  return new Map(
    [...files].map(({ path, oid, lfs }) => {
      const content = readFileSync(standIn.world.blobs.path(lfs?.oid ?? oid))
      const digest = lfs ? createHash("sha256") : createHash("sha1").update(`blob ${content.length}\0`)
      assert.equal(digest.update(content).digest("hex"), lfs?.oid ?? oid, path)
      return [path, lfs?.oid ?? oid] as const
    }),
  )
}

/** As if nothing of it had ever been pushed. */
function forget(kind: Kind): void {
  const repository = standIn.repository(kind, things[kind].id)
  for (const { files } of repository?.commits.values() ?? [])
    for (const { lfs } of files.values()) if (lfs) standIn.world.blobs.drop(lfs.oid)
  standIn.world.repositories.delete(`${kind}s/${things[kind].id}`)
}

const contents = (from: string) =>
  new Map(readdirSync(from).map((name) => [name, hash("sha256", readFileSync(join(from, name)))]))

/** One line that says what happened and what to do. */
function assertSentence({ status, stderr }: Ended): void {
  assert.equal(status, 1)
  assert.match(stderr, /^\S.{20,}(?:again|to another disk)[^\n]*\.\n$/)
}

async function succeeds(args: readonly string[], surroundings: Partial<Surroundings> = {}): Promise<void> {
  const { status, stderr } = await fjord(args, { standIn, folder, ...surroundings })
  assert.equal(status, 0, stderr)
}

/** Runs with one fault at a request that chance chooses among as many as the work makes without it. */
async function struck(
  context: TestContext,
  fault: (typeof faultKinds)[number] | "kill",
  requests: number,
  args: readonly string[],
  surroundings: Partial<Surroundings> = {},
): Promise<Ended> {
  const chosen = Math.floor(Math.random() * requests)
  const at = standIn.seen.length + chosen
  let kill = () => {}
  standIn.fault = {
    kind: fault === "kill" ? "drop" : fault,
    strikes: (_request, index) => {
      if (index !== at) return false
      context.diagnostic(`${fault} at request ${chosen + 1} of ${requests}`)
      if (fault === "kill") kill()
      return true
    },
  }
  const onStart: Surroundings["onStart"] = (child) => {
    kill = () => child.kill("SIGKILL")
  }
  const ended = await fjord(args, { standIn, folder, onStart, ...surroundings })
  standIn.fault = undefined
  return ended
}

for (const kind of ["dataset", "model"] as const)
  describe(`a ${kind}`, () => {
    const { push, pull, id } = things[kind]
    let whole: Map<string, string>
    let copy: Map<string, string>
    const requests = { push: 0, pull: 0 }
    before(async () => {
      const beforePush = standIn.seen.length
      await succeeds(push)
      requests.push = standIn.seen.length - beforePush
      whole = stored(kind)
      const place = newFolder()
      const beforePull = standIn.seen.length
      await succeeds(pull, { folder: place })
      requests.pull = standIn.seen.length - beforePull
      copy = contents(join(place, "copy"))
    })
    for (const fault of [...faultKinds, "kill"] as const) {
      test(`is pushed the same in spite of ${fault}`, async (context) => {
        forget(kind)
        const ended = await struck(context, fault, requests.push, push)
        const after = stored(kind)
        if (ended.status === 0) assert.deepEqual(after, whole)
        else {
          if (fault === "kill") assert.equal(ended.status, null)
          else assertSentence(ended)
          // All of the commit, or only what a new repository has.
          if (after.size > 1) assert.deepEqual(after, whole)
          await succeeds(push)
          assert.deepEqual(stored(kind), whole)
        }
      })

      test(`is pulled the same in spite of ${fault}`, async (context) => {
        const place = newFolder()
        const ended = await struck(context, fault, requests.pull, pull, { folder: place })
        assertCacheIsHonest(join(place, "home", "hub"))
        if (ended.status !== 0) {
          if (fault === "kill") assert.equal(ended.status, null)
          else assertSentence(ended)
          assert.ok(!existsSync(join(place, "copy")))
          await succeeds(pull, { folder: place })
        }
        assert.deepEqual(contents(join(place, "copy")), copy)
      })
    }

    test("is pulled the same after the disk was full in the middle of it", async () => {
      const place = newFolder()
      const large = [...(standIn.repository(kind, id)?.head("main")?.files.values() ?? [])].find(({ lfs }) => lfs)
      const blobs = join(place, "home", "hub", `${kind}s--${id.replace("/", "--")}`, "blobs")
      mkdirSync(blobs, { recursive: true })
      // What an earlier download left, on which writing fails as on a disk without space.
      symlinkSync("/dev/full", join(blobs, `${large?.lfs?.oid}.fjord-0.incomplete`))
      const ended = await fjord(pull, { standIn, folder: place })
      assertSentence(ended)
      assert.match(ended.stderr, /disk is full/)
      assert.ok(!existsSync(join(place, "copy")))
      for (const name of readdirSync(blobs)) if (name.endsWith(".incomplete")) rmSync(join(blobs, name))
      await succeeds(pull, { folder: place })
      assert.deepEqual(contents(join(place, "copy")), copy)
    })
  })

const skip = mayMount(newFolder()) ? false : "a small disk cannot be mounted here"
test("a data set is not pushed where there is no space to make its files, and leaves nothing there", {
  skip,
}, async () => {
  forget("dataset")
  await onSmallDisk(newFolder(), async (small) => {
    const ended = await fjord(things.dataset.push, { standIn, folder, variables: { TMPDIR: small } })
    assertSentence(ended)
    assert.match(ended.stderr, /disk is full/)
    assert.equal(standIn.repository("dataset", things.dataset.id), undefined)
    assert.deepEqual(readdirSync(small), [])
  })
})

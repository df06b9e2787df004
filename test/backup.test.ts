import assert from "node:assert/strict"
import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { fileURLToPath } from "node:url"
import { startTestDatabase, type TestDatabase } from "../packages/db/src/testing.ts"

const script = fileURLToPath(new URL("../scripts/backup/main.ts", import.meta.url))

let folder: string
let source: TestDatabase
let target: TestDatabase
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "fjord-backup-command-"))
  source = await startTestDatabase()
  target = await startTestDatabase()
})
after(async () => {
  await Promise.all([source.stop(), target.stop()])
  await rm(folder, { recursive: true, force: true })
})

type Outcome = { readonly code: number; readonly stdout: string; readonly stderr: string }

function run(args: readonly string[], { url }: { readonly url: string }): Promise<Outcome> {
  const env = { ...process.env, DATABASE_URL: url, FJORD_DATA: join(folder, "data"), INIT_CWD: folder }
  return new Promise((finish) =>
    execFile(process.execPath, [script, ...args], { env }, (error, stdout, stderr) =>
      finish({ code: error ? Number(error.code) : 0, stdout, stderr }),
    ),
  )
}

const linesOf = ({ stdout }: Outcome) =>
  stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))

test("with --json backup and restore print one JSON object per line, progress first and the same counts at the end", async () => {
  await source.database.user.create({ data: { email: "a@example.org", name: "a" } })
  const kept = linesOf(await run(["backup", "kept", "--json"], source))
  const { type, ...counts } = kept.at(-1)
  assert.equal(type, "BackupFinished")
  assert.ok(counts.rows > 0)
  assert.ok(kept.slice(0, -1).every((event) => event.type === "BackupProgress"))
  assert.ok(kept.length > 1)
  assert.deepEqual(linesOf(await run(["restore", "--json", "kept"], target)), [{ type: "RestoreFinished", ...counts }])
  assert.equal(await target.database.user.count(), 1)
})

test("where there is no studio nothing is backed up, and none is begun", async () => {
  const { code, stderr } = await run(["backup", "nothing"], { url: "" })
  assert.equal(code, 1)
  assert.match(stderr, /^There is no studio in .*data: set FJORD_DATA to its folder, or DATABASE_URL to its database/)
  assert.ok(!existsSync(join(folder, "data", "postgres")) && !existsSync(join(folder, "nothing")))
})

test("without a folder, or with more than one, the sentence says how the command is meant", async () => {
  for (const args of [["backup"], ["restore", "--json"], ["backup", "a", "b"], ["backup", "--jsn"]]) {
    const { code, stdout, stderr } = await run(args, source)
    assert.equal(code, 2)
    assert.equal(stdout, "")
    assert.match(stderr, /^One folder is wanted: npm run backup -- DIR \[--json\]/)
  }
})

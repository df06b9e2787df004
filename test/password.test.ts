import assert from "node:assert/strict"
import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { fileURLToPath } from "node:url"
import { nearest } from "../apps/cli/src/nearest.ts"
import { openResetLink } from "../apps/server/src/accounts/resetLinks.ts"
import { startTestDatabase, type TestDatabase } from "../packages/db/src/testing.ts"

const script = fileURLToPath(new URL("../scripts/password/main.ts", import.meta.url))

let folder: string
let studio: TestDatabase
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "fjord-password-command-"))
  studio = await startTestDatabase()
})
after(async () => {
  await studio.stop()
  await rm(folder, { recursive: true, force: true })
})

type Outcome = { readonly code: number; readonly stdout: string; readonly stderr: string }

/** Nobody listens on port 9. */
function run(args: readonly string[], settings: Record<string, string> = {}): Promise<Outcome> {
  const env = { ...process.env, DATABASE_URL: studio.url, FJORD_DATA: join(folder, "data"), PORT: "9", ...settings }
  return new Promise((finish) =>
    execFile(process.execPath, [script, ...args], { env }, (error, stdout, stderr) =>
      finish({ code: error ? Number(error.code) : 0, stdout, stderr }),
    ),
  )
}
const openedBy = async (url: string) =>
  (await openResetLink(studio.database, new URL(url).pathname.split("/").at(-1) ?? ""))?.user.email

test("whoever runs the machine gets a link for anybody, the first owner included, for people and for programs", async () => {
  assert.match((await run(["ada@example.org"])).stderr, /^Nobody has an account .* http:\/\/localhost:9\/sign-up$/m)
  await studio.database.user.create({ data: { email: "ada@example.org", name: "Ada" } })
  const said = await run([" Ada@Example.org"])
  assert.equal(said.code, 0, said.stderr)
  const [sentence = "", url = ""] = said.stdout.trim().split("\n")
  assert.match(sentence, /^By this link Ada \(ada@example\.org\) sets a new password, once, until .*:$/)
  assert.match(url, /^http:\/\/localhost:9\/reset\/reset_/)
  assert.equal(await openedBy(url), "ada@example.org")
  assert.match(said.stderr, /^Nothing answers at http:\/\/localhost:9 now: start the studio first/)

  const json = await run(["--json", "ada@example.org"], { FJORD_URL: "http://127.0.0.1:9/" })
  const { type, email, url: second, expiresAt } = JSON.parse(json.stdout)
  assert.deepEqual([type, email, await openedBy(second)], ["ResetLink", "ada@example.org", "ada@example.org"])
  assert.ok(second.startsWith("http://127.0.0.1:9/reset/"))
  assert.ok(Date.parse(expiresAt) > Date.now())
  // One at a time.
  assert.equal(await openedBy(url), undefined)
})

test("an address that nobody has is told with the nearest that somebody has", async () => {
  const slip = await run(["adda@exampel.org", "--json"])
  assert.deepEqual([slip.code, slip.stdout], [1, ""])
  assert.match(slip.stderr, /^No account has the address adda@exampel\.org; the nearest is ada@example\.org\.$/m)
  assert.equal(nearest("bob@example.org", ["robert@elsewhere.example", "bo@example.org"]), "bo@example.org")
  assert.equal(nearest("x", ["somebody@example.org"]), undefined)
})

test("without an address, a studio or a database the sentence says what is wanted, and nothing is made", async () => {
  for (const args of [[], ["--json"], ["a@b", "c@d"], ["--jsn"]]) {
    const { code, stdout, stderr } = await run(args)
    assert.deepEqual([code, stdout], [2, ""])
    assert.match(stderr, /^One e-mail address is wanted: npm run password -- EMAIL \[--json\]/)
  }
  const missing = await run(["ada@example.org"], { DATABASE_URL: "" })
  assert.equal(missing.code, 1)
  assert.match(missing.stderr, /^There is no studio in .*data: set FJORD_DATA to its folder, or DATABASE_URL/)
  assert.ok(!existsSync(join(folder, "data", "postgres")))
  const nowhere = await run(["ada@example.org"], { DATABASE_URL: "postgresql://u:p@127.0.0.1:9/x" })
  assert.match(nowhere.stderr, /^The database at 127\.0\.0\.1:9\/x cannot be used: nothing listens there/)
  const other = Object.assign(new URL(studio.url), { pathname: "/postgres" })
  const empty = await run(["ada@example.org"], { DATABASE_URL: other.href })
  assert.match(empty.stderr, /^The database holds no studio yet; npm start makes one in it\./)
})

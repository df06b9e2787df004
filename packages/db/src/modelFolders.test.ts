import assert from "node:assert/strict"
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { modelFolderSweep } from "./modelFolders.ts"
import { startTestDatabase, type TestDatabase } from "./testing.ts"

let server: TestDatabase
const folder = mkdtempSync(join(tmpdir(), "fjord-models-"))
before(async () => {
  server = await startTestDatabase()
})
after(async () => {
  await server.stop()
  rmSync(folder, { recursive: true })
})

function lay(name: string) {
  mkdirSync(join(folder, name, "unet"), { recursive: true })
  writeFileSync(join(folder, name, "unet", "weights"), "x")
}

test("a deleted model's folder goes when the runs have ended that may use it; half a folder goes after a day", async () => {
  const { database } = server
  await modelFolderSweep(database, join(folder, "none"))()
  const { id: teamId } = await database.team.create({ data: { name: "a" } })
  const model = () => database.model.create({ data: { teamId, name: "m", kind: "FULL" } })
  const [kept, deleted] = [await model(), await model()]
  const run = (status: "RUNNING") =>
    database.run.create({ data: { teamId, kind: "GENERATION", name: "r", config: {}, status } })
  const user = await run("RUNNING")
  const killed = `${kept.id}.0d4d9c4e-0000-4000-8000-000000000000`
  const current = `${kept.id}.0d4d9c4e-0000-4000-8000-000000000001`
  for (const name of [kept.id, deleted.id, killed, current]) lay(name)
  const long = new Date(Date.now() - 25 * 3600_000)
  utimesSync(join(folder, killed), long, long)
  utimesSync(join(folder, kept.id), long, long)
  await database.model.delete({ where: { id: deleted.id } })

  const sweep = modelFolderSweep(database, folder)
  await sweep()
  assert.deepEqual(readdirSync(folder).sort(), [kept.id, current, deleted.id].sort())
  // A run that began since cannot use it.
  await run("RUNNING")
  await database.run.update({ where: { id: user.id }, data: { status: "SUCCEEDED" } })
  await sweep()
  assert.deepEqual(readdirSync(folder).sort(), [kept.id, current].sort())
})

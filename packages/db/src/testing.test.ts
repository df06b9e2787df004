import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { after, before, test } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import pg from "pg"
import { removeAbandonedDatabases } from "./abandonedDatabases.ts"
import { startTestDatabase, type TestDatabase } from "./testing.ts"

let test1: TestDatabase
before(async () => {
  test1 = await startTestDatabase()
})
after(() => test1.stop())

test("a test has a migrated Postgres of its own that keeps its rows over a restart", async () => {
  const team = await test1.database.team.create({ data: { name: "a" } })
  await test1.restart()
  const found = await test1.database.team.findUniqueOrThrow({ where: { id: team.id } })
  assert.equal(found.name, "a")
})

test("what a killed test leaves behind, folder and Postgres, is removed; databases of living tests are not", async () => {
  const module = new URL("./testing.ts", import.meta.url).href
  const script = `const { startTestDatabase } = await import(${JSON.stringify(module)})
    process.send((await startTestDatabase()).url)
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  })
  const [url] = (await once(child, "message")) as [string]
  const ask = async (address: string) => {
    const client = new pg.Client({ connectionString: address })
    client.on("error", () => {})
    await client.connect()
    const { rows } = await client.query<{ data_directory: string }>("SHOW data_directory")
    await client.end()
    return rows[0]?.data_directory ?? ""
  }
  const data = await ask(url)
  assert.ok(data.includes(`fjord-test-db-${child.pid}-`), data)
  await removeAbandonedDatabases()
  assert.equal(await ask(url), data)

  child.kill("SIGKILL")
  await once(child, "exit")
  assert.ok(existsSync(data))
  await removeAbandonedDatabases()
  assert.equal(existsSync(data), false)
  const gone = async () => {
    for (;;)
      try {
        await ask(url)
        await sleep(50)
      } catch {
        return true
      }
  }
  assert.equal(await gone(), true)
  await test1.database.team.count()
})

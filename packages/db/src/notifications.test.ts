import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { type Notifications, notify, openNotifications } from "./notifications.ts"
import { startTestDatabase, type TestDatabase } from "./testing.ts"

let server: TestDatabase
let news: Notifications
before(async () => {
  server = await startTestDatabase()
  news = await openNotifications(server.url)
})
after(async () => {
  await news.close()
  await server.stop()
})

test("news reach those who listen to their topic, equal ones that wait as one", async () => {
  const mine = news.listen("run/a")
  const team = news.listen("team/t")
  await notify(server.database, "run/b")
  await notify(server.database, "run/a")
  for (const run of ["a", "b", "a"]) await notify(server.database, "team/t", run)
  assert.deepEqual(await mine.next(), { done: false, value: "" })
  assert.deepEqual(new Set([(await team.next()).value, (await team.next()).value]), new Set(["a", "b"]))
})

test("news of a transaction that is rolled back are not told", async () => {
  const listener = news.listen("run/c")
  await assert.rejects(
    server.database.$transaction(async (transaction) => {
      await notify(transaction, "run/c", "never")
      throw new Error("no")
    }),
  )
  await notify(server.database, "run/c", "true")
  assert.equal((await listener.next()).value, "true")
})

test("whoever listens is told to look again after the database was restarted", async () => {
  const listener = news.listen("run/d")
  await server.restart()
  assert.equal((await listener.next()).value, null)
  await notify(server.database, "run/d", "again")
  assert.equal((await listener.next()).value, "again")
})

test("a listener ends with its signal", async () => {
  const abort = new AbortController()
  const listener = news.listen("run/e", abort.signal)
  const next = listener.next()
  abort.abort()
  assert.equal((await next).done, true)
})

import assert from "node:assert/strict"
import { once } from "node:events"
import { createServer } from "node:net"
import { after, before, test } from "node:test"
import { checkDatabase } from "./checkDatabase.ts"
import { Refusal } from "./refusal.ts"
import { startTestDatabase, type TestDatabase } from "./testing.ts"

let server: TestDatabase
before(async () => {
  server = await startTestDatabase()
})
after(() => server.stop())

const refused = (url: string, message: RegExp) =>
  assert.rejects(checkDatabase(url), (error) => {
    assert.ok(error instanceof Refusal)
    assert.match(error.message, message)
    assert.doesNotMatch(error.message, new RegExp(new URL(server.url).password))
    return true
  })
const altered = (change: (url: URL) => void) => {
  const url = new URL(server.url)
  change(url)
  return url.href
}

test("a database that answers is taken", () => checkDatabase(server.url))

test("an address that is none of a Postgres is refused with an example", async () => {
  for (const url of ["", "localhost", "mysql://u:p@localhost/fjord"])
    await refused(
      url,
      /DATABASE_URL is no address of a Postgres; .* postgresql:\/\/USER:PASSWORD@HOST:PORT\/DATABASE\.$/,
    )
})

test("a wrong password, user and name are told apart, without showing the password", async () => {
  const check = /; check DATABASE_URL\.$/
  for (const [change, reason] of [
    [(url: URL) => Object.assign(url, { password: "wrong" }), /user or password are wrong/],
    [
      (url: URL) => Object.assign(url, { pathname: "/elsewhere" }),
      /127\.0\.0\.1:\d+\/elsewhere .* no database of that name/,
    ],
  ] as const) {
    await refused(altered(change), reason)
    await refused(altered(change), check)
  }
})

test("an address where nothing listens, and one that never answers, are refused", async () => {
  const silent = createServer((socket) => socket.resume()).listen(0, "127.0.0.1")
  await once(silent, "listening")
  const address = silent.address()
  assert.ok(address !== null && typeof address === "object")
  const url = altered((it) => Object.assign(it, { port: String(address.port) }))
  await refused(url, /it did not answer within 5 s/)
  silent.close()
  await once(silent, "close")
  await refused(url, /nothing listens there/)
})

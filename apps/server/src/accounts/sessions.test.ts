import assert from "node:assert/strict"
import { after, before, it } from "node:test"
import { Caller, cookieOf, password, startTestServer, type TestServer } from "../testServer.fixture.ts"

let server: TestServer
before(async () => {
  server = await startTestServer()
})
after(() => server.stop())

const sessions = "{ sessions { id current userAgent } }"
const endSession = `mutation ($id: ID!) { endSession(id: $id) { ... on MutationEndSessionSuccess { data }
  ... on Error { __typename } } }`
type Row = { id: string; current: boolean; userAgent: string }

const call = (path: string, body: object, headers: Record<string, string> = {}) =>
  fetch(`${server.url}/api/auth/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: server.url, ...headers },
    body: JSON.stringify(body),
  })

it("a person sees where they are signed in, ends one of it, and with a new password all others", async () => {
  const here = new Caller(server.url, { cookie: cookieOf(await server.signUp("ada")) })
  const account = { email: "ada@example.org", password }
  const signIn = async (userAgent: string) =>
    new Caller(server.url, { cookie: cookieOf(await call("sign-in/email", account, { "user-agent": userAgent })) })
  const [phone, tablet] = [await signIn("a phone"), await signIn("a tablet")]
  const { data } = await here.query(sessions)
  const rows: Row[] = data.sessions
  assert.equal(rows.length, 3)
  assert.equal(rows.filter(({ current }) => current).length, 1)
  const id = rows.find(({ userAgent }) => userAgent === "a phone")?.id
  assert.equal(await here.act("endSession", endSession, { id }), id)
  const signedIn = async (caller: Caller) => (await caller.query("{ viewer { user { id } } }")).data.viewer !== null
  assert.deepEqual([await signedIn(phone), await signedIn(tablet), await signedIn(here)], [false, true, true])

  const change = { currentPassword: password, newPassword: "another long password", revokeOtherSessions: true }
  const wrong = await call("change-password", { ...change, currentPassword: "not the password" }, here.headers)
  const { code } = (await wrong.json()) as { code?: string }
  assert.deepEqual([wrong.status, code], [400, "INVALID_PASSWORD"])
  const changed = await call("change-password", change, here.headers)
  assert.equal(changed.status, 200)
  const after = new Caller(server.url, { cookie: cookieOf(changed) })
  assert.deepEqual([await signedIn(tablet), await signedIn(here), await signedIn(after)], [false, false, true])
  assert.equal((await call("sign-in/email", account)).status, 401)
})

it("nobody sees or ends the sessions of others, and a program has none", async () => {
  const ada = await server.member(undefined, "OWNER")
  const bob = await server.member(ada.teamId, "OWNER")
  const program = await server.token(ada.teamId, ada.userId, ["ADMIN"])
  const { data } = await ada.caller.query(sessions)
  const { id } = data.sessions[0]
  assert.deepEqual((await program.query(sessions)).data.sessions, [])
  for (const [caller, type] of [
    [bob.caller, "NotFoundError"],
    [program, "ForbiddenError"],
    [server.stranger, "ForbiddenError"],
  ] as const)
    assert.equal((await caller.query(endSession, { id })).data.endSession.__typename, type)
  assert.equal((await ada.caller.query(sessions)).data.sessions.length, 1)
})

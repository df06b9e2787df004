/** Signing in at the Hub through the server, as a browser does it: there, consent, back, and whose account it is. */

import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { sealingOf } from "@fjord/db"
import { oauthApplication } from "../../../../test/hub/oauthRoutes.ts"
import { type StandIn, startStandIn } from "../../../../test/hub/standIn.ts"
import { type Caller, startTestServer, type TestServer } from "../testServer.fixture.ts"

let standIn: StandIn
let server: TestServer
let person: Awaited<ReturnType<TestServer["member"]>>
before(async () => {
  standIn = await startStandIn()
  server = await startTestServer({
    HF_ENDPOINT: standIn.endpoint,
    HF_OAUTH_CLIENT_ID: oauthApplication.clientId,
    HF_OAUTH_CLIENT_SECRET: oauthApplication.clientSecret,
  })
  person = await server.member(undefined, "EDITOR")
})
after(async () => {
  await server.stop()
  await standIn.close()
})

const start = (caller: Caller): Promise<string> =>
  caller.act(
    "startHubSignIn",
    "mutation { startHubSignIn { ... on MutationStartHubSignInSuccess { data } ... on Error { message } } }",
  )

/** The Hub's page, which sends the browser back at once. @returns the address that it is sent to */
async function consent(page: string): Promise<URL> {
  const response = await fetch(page, { redirect: "manual" })
  return new URL(response.headers.get("location") ?? assert.fail(await response.text()))
}

const comeBack = (caller: Caller, { pathname, search }: URL) => caller.fetch(`${pathname}${search}`)

const account = async (caller: Caller) =>
  (await caller.query("{ hubAccount { hubUser expiresAt } }")).data.hubAccount as { hubUser: string; expiresAt: string }

async function refused(response: Response, status: number, sentence: RegExp): Promise<void> {
  const text = await response.text()
  assert.equal(response.status, status, text)
  assert.match(response.headers.get("content-type") ?? "", /^text\/plain/)
  assert.match(text, sentence)
  assert.match(text, /\/settings\.\n$/)
}

test("a sign-in there ends in an account here whose token is sealed, works and is shown to nobody", async () => {
  const { caller, userId } = person
  const page = new URL(await start(caller))
  assert.equal(page.origin, standIn.endpoint)
  assert.equal(page.searchParams.get("redirect_uri"), `${server.url}/hub/callback`)
  assert.equal(page.searchParams.get("code_challenge_method"), "S256")
  assert.equal(await account(caller), null)
  const back = await comeBack(caller, await consent(String(page)))
  assert.equal(back.status, 302)
  assert.equal(back.headers.get("location"), "/settings")

  const { hubUser, expiresAt } = await account(caller)
  assert.equal(hubUser, "anna")
  assert.ok(Date.parse(expiresAt) > Date.now() + 3600_000)
  const row = await server.database.hubAccount.findUniqueOrThrow({ where: { userId } })
  assert.ok(!Buffer.from(row.sealedToken).toString("latin1").includes("hf_"))
  const token = sealingOf("a secret for tests, forty characters long").open(row.sealedToken)
  const response = await fetch(`${standIn.endpoint}/api/whoami-v2`, { headers: { authorization: `Bearer ${token}` } })
  assert.equal(((await response.json()) as { name: string }).name, "anna")
  assert.equal(await server.database.verification.count({ where: { identifier: { startsWith: "hub sign-in" } } }), 0)
})

test("an answer that comes twice, without its sign-in or with another's state is refused", async () => {
  const { caller } = await server.member(undefined, "EDITOR")
  const answer = await consent(await start(caller))
  const forged = new URL(answer)
  forged.searchParams.set("state", "somebodyElses")
  await refused(await comeBack(caller, forged), 400, /too old or was not begun here; begin again/)
  assert.equal((await comeBack(caller, answer)).status, 302)
  await refused(await comeBack(caller, answer), 400, /too old or was not begun here; begin again/)
})

test("a link to somebody's own sign-in connects nobody else's studio, and uses the sign-in up", async () => {
  const { caller: victim } = await server.member(undefined, "EDITOR")
  const answer = await consent(await start(person.caller))
  await refused(await comeBack(victim, answer), 403, /begun by somebody else/)
  assert.equal(await account(victim), null)
  await refused(await comeBack(person.caller, answer), 400, /begin again/)
  await refused(await comeBack(server.stranger, await consent(await start(person.caller))), 403, /Sign in first/)
})

test("who says no at the Hub, comes back too late or with a used code is told so, and nothing is connected", async () => {
  const { caller } = await server.member(undefined, "EDITOR")
  standIn.world.signIns.consent = "refused"
  const denied = await consent(await start(caller))
  standIn.world.signIns.consent = "given"
  assert.equal(denied.searchParams.get("error"), "access_denied")
  await refused(await comeBack(caller, denied), 409, /refused there; nothing was changed/)

  const expired = await consent(await start(caller))
  standIn.world.signIns.grants.clear()
  await refused(await comeBack(caller, expired), 409, /used up or too old; begin again/)

  const late = await consent(await start(caller))
  await server.database.verification.updateMany({ data: { expiresAt: new Date(Date.now() - 1000) } })
  await refused(await comeBack(caller, late), 400, /too old or was not begun here/)
  assert.equal(await account(caller), null)
})

test("a Hub that fails at the exchange is said to be out of order, without the code or any secret", async () => {
  const { caller } = await server.member(undefined, "EDITOR")
  const isExchange = ({ url }: { url?: string | undefined }) => url?.startsWith("/oauth/token") === true
  standIn.failOnce("drop", isExchange)
  assert.equal((await comeBack(caller, await consent(await start(caller)))).status, 302)

  const answer = await consent(await start(caller))
  standIn.fault = { kind: "failure", strikes: isExchange }
  const response = await comeBack(caller, answer)
  standIn.fault = undefined
  const text = await response.clone().text()
  await refused(response, 409, /The Hub failed with status 500/)
  for (const secret of [answer.searchParams.get("code") ?? "", oauthApplication.clientSecret])
    assert.ok(!text.includes(secret))
})

test("without an application registered at the Hub, the way with a token is named", async () => {
  const other = await startTestServer({ HF_ENDPOINT: standIn.endpoint })
  try {
    const { caller } = await other.member(undefined, "EDITOR")
    await assert.rejects(start(caller), /not set up here \(HF_OAUTH_CLIENT_ID\); connect with a token instead/)
  } finally {
    await other.stop()
  }
})

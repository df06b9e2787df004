import assert from "node:assert/strict"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { oauthApplication } from "../../../../test/hub/oauthRoutes.ts"
import { type StandIn, startStandIn } from "../../../../test/hub/standIn.ts"
import { whoAmI } from "../account.ts"
import { connectTo, scratchFolder } from "../hub.fixture.ts"
import { finishSignIn, startSignIn } from "./signIn.ts"

const scratch = scratchFolder()
let standIn: StandIn
before(async () => {
  standIn = await startStandIn()
})
after(() => standIn.close())

const application = { ...oauthApplication, redirectUri: "http://127.0.0.1:3000/hub/callback" }
const connect = () => connectTo(standIn, join(scratch, "cache"), null)

/** What the browser does: follows to the Hub, is granted, and comes back. */
async function visit(url: string): Promise<URLSearchParams> {
  const response = await fetch(url, { redirect: "manual" })
  return new URL(response.headers.get("location") ?? "").searchParams
}

test("a sign-in ends in a token that works and the account it belongs to", async () => {
  const { url, pending } = startSignIn(connect(), application)
  assert.ok(!url.includes(pending.codeVerifier))
  const signedIn = await finishSignIn(connect(), application, pending, await visit(url))
  assert.equal(signedIn.account.name, "anna")
  assert.deepEqual(signedIn.scopes, ["openid", "profile", "contribute-repos"])
  assert.ok(signedIn.expiresAt.getTime() > Date.now())
  assert.equal((await whoAmI(connectTo(standIn, scratch, signedIn.accessToken))).name, "anna")
})

test("another session's answer, a wrong verifier, a used code and a wrong secret are refused", async () => {
  const { url, pending } = startSignIn(connect(), application)
  const query = await visit(url)
  const other = startSignIn(connect(), application).pending
  await assert.rejects(finishSignIn(connect(), application, other, query), /belongs to no sign-in/)
  const forged = { ...pending, codeVerifier: other.codeVerifier }
  await assert.rejects(finishSignIn(connect(), application, forged, query), /used up or too old; begin again/)
  await assert.rejects(finishSignIn(connect(), application, pending, query), /used up or too old; begin again/)
  const wrong = { ...application, clientSecret: "wrong" }
  await assert.rejects(finishSignIn(connect(), wrong, pending, query), /does not know this application/)
  const refused = new URLSearchParams({ error: "access_denied", state: pending.state })
  await assert.rejects(finishSignIn(connect(), application, pending, refused), /refused there/)
})

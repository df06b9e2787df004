import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { Caller, startTestServer, type TestServer } from "../testServer.fixture.ts"

let server: TestServer
let owner: { caller: Caller; teamId: string; userId: string }

before(async () => {
  server = await startTestServer()
  owner = await server.member(undefined, "OWNER")
})
after(() => server.stop())

const whoAmI = "{ viewer { user { id } memberships { role team { id } } } }"
const create = `mutation ($teamId: ID!, $scopes: [TokenScope!]!, $expiresAt: DateTime) {
  createApiToken(teamId: $teamId, name: "x", scopes: $scopes, expiresAt: $expiresAt) {
    ... on MutationCreateApiTokenSuccess { data { token apiToken { id prefix } } } ... on Error { message } } }`
const refused = async (caller: Caller) => {
  const { status, data, errors } = await caller.query(whoAmI)
  assert.deepEqual([status, data, errors?.[0]?.extensions?.code], [401, undefined, "UNAUTHENTICATED"])
  assert.match(errors?.[0]?.message ?? "", /unknown, revoked or expired/)
  assert.equal((await caller.fetch("/files/none")).status, 401)
}
const holderOf = (token: string) => new Caller(server.url, { authorization: `Bearer ${token}` })

describe("an API token", () => {
  it("is its user in its team alone, with at most its scopes' role", async () => {
    await server.database.team.create({
      data: { name: "second", members: { create: { userId: owner.userId, role: "OWNER" } } },
    })
    for (const [scope, role] of [
      ["READ", "VIEWER"],
      ["WRITE", "EDITOR"],
      ["ADMIN", "OWNER"],
    ]) {
      const { token } = await owner.caller.act("createApiToken", create, { teamId: owner.teamId, scopes: [scope] })
      const { data } = await holderOf(token).query(whoAmI)
      assert.deepEqual(data.viewer, { user: { id: owner.userId }, memberships: [{ role, team: { id: owner.teamId } }] })
    }
  })

  it("is stored as a hash, and never gives more than its user has", async () => {
    const viewer = await server.member(owner.teamId, "VIEWER")
    const { data } = await viewer.caller.query(create, { teamId: owner.teamId, scopes: ["WRITE"] })
    assert.match(data.createApiToken.message, /needs the role editor/)
    const { token, apiToken } = await viewer.caller.act("createApiToken", create, {
      teamId: owner.teamId,
      scopes: ["READ"],
    })
    const row = await server.database.apiToken.findUniqueOrThrow({ where: { id: apiToken.id } })
    assert.ok(!JSON.stringify(row).includes(token) && token.startsWith(apiToken.prefix))
    // A member who is made less is less through their tokens at once, and one who has left is nobody.
    const strong = await server.token(owner.teamId, viewer.userId, ["ADMIN"])
    assert.equal((await strong.query(whoAmI)).data.viewer.memberships[0].role, "VIEWER")
    await server.database.member.deleteMany({ where: { userId: viewer.userId } })
    await refused(holderOf(token))
  })

  it("ends when it is revoked or its time is over", async () => {
    const { token, apiToken } = await owner.caller.act("createApiToken", create, {
      teamId: owner.teamId,
      scopes: ["ADMIN"],
    })
    await server.database.apiToken.update({
      where: { id: apiToken.id },
      data: { expiresAt: new Date(Date.now() - 1000) },
    })
    await refused(holderOf(token))
    await server.database.apiToken.update({ where: { id: apiToken.id }, data: { expiresAt: null } })
    const revoke = `mutation ($id: ID!) { revokeApiToken(id: $id) { ... on MutationRevokeApiTokenSuccess { data { revokedAt } } } }`
    await holderOf(token).act("revokeApiToken", revoke, { id: apiToken.id })
    await refused(holderOf(token))
  })

  it("does not do what is a person's to decide, and a cookie beside it counts nothing", async () => {
    const admin = await server.token(owner.teamId, owner.userId, ["ADMIN"])
    const { data } = await admin.query(create, { teamId: owner.teamId, scopes: ["ADMIN"] })
    assert.match(data.createApiToken.message, /sign in as a person/)
    const both = new Caller(server.url, { ...owner.caller.headers, authorization: "Bearer fjord_wrong" })
    await refused(both)
  })
})

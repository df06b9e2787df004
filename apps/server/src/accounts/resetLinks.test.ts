import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { Caller, cookieOf, startTestServer, type TestServer } from "../testServer.fixture.ts"
import { makeResetLink } from "./resetLinks.ts"

let server: TestServer
/** Has the studio's first account, and owns its first team. */
let first: Person
/** Owns a team, as does nobody else. */
let owner: Person
type Person = Awaited<ReturnType<TestServer["member"]>>

before(async () => {
  // Limits go by who calls, and here a header says who.
  server = await startTestServer({ FJORD_TRUST_PROXY: "1" })
  first = await server.member(undefined, "OWNER")
  owner = await server.member(undefined, "OWNER")
})
after(() => server.stop())

const create = `mutation ($memberId: ID!) { createResetLink(memberId: $memberId) {
  ... on MutationCreateResetLinkSuccess { data { url expiresAt } } ... on Error { __typename message } } }`
const newPassword = "a password after the last"
const tokenOf = (url: string) => url.split("/").at(-1) ?? ""

async function memberIdOf(person: Person, teamId = person.teamId) {
  const where = { teamId_userId: { teamId, userId: person.userId } }
  return (await server.database.member.findUniqueOrThrow({ where })).id
}
/** @returns the token of a new link. */
async function linkFor(person: Person, maker = owner): Promise<string> {
  const { url } = await maker.caller.act("createResetLink", create, { memberId: await memberIdOf(person) })
  return tokenOf(url)
}
async function refusalFor(person: Person, caller: Caller, teamId = person.teamId) {
  const { data } = await caller.query(create, { memberId: await memberIdOf(person, teamId) })
  return data.createResetLink
}
const preview = async (token: string) => {
  const query = "query ($token: String!) { resetLink(token: $token) { name email } }"
  return (await server.stranger.query(query, { token })).data.resetLink
}

let callers = 0
const post = (path: string, body: object, address = `10.0.0.${++callers}`) =>
  fetch(`${server.url}/api/auth/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: server.url, "x-forwarded-for": address },
    body: JSON.stringify(body),
  })
const reset = (token: string, password = newPassword) => post("reset-password", { token, newPassword: password })
async function closed(token: string) {
  assert.equal(await preview(token), null)
  const answer = await reset(token)
  const { code } = (await answer.json()) as { code?: string }
  assert.deepEqual([answer.status, code], [400, "INVALID_TOKEN"])
}
const open = async (token: string) => assert.notEqual(await preview(token), null)

describe("a link to set a new password", () => {
  it("sets it once, ends every session of the person and disconnects their Hub account", async () => {
    const member = await server.member(owner.teamId, "EDITOR")
    const { userId } = member
    const { email, name } = await server.database.user.findUniqueOrThrow({ where: { id: userId } })
    await server.database.hubAccount.create({ data: { userId, hubUser: "x", sealedToken: new Uint8Array(40) } })
    const token = await linkFor(member)
    assert.deepEqual(await preview(token), { name, email })
    assert.equal((await reset(token, "short")).status, 400)
    await open(token)
    assert.equal((await reset(token)).status, 200)
    assert.equal((await member.caller.query("{ viewer { user { id } } }")).data.viewer, null)
    assert.equal(await server.database.session.count({ where: { userId } }), 0)
    assert.equal(await server.database.hubAccount.count({ where: { userId } }), 0)
    const signedIn = await post("sign-in/email", { email, password: newPassword })
    assert.equal(signedIn.status, 200)
    const caller = new Caller(server.url, { cookie: cookieOf(signedIn) })
    assert.equal((await caller.query("{ viewer { user { id } } }")).data.viewer.user.id, userId)
    await closed(token)
    // The owner is still signed in.
    assert.equal((await owner.caller.query("{ viewer { user { id } } }")).data.viewer.user.id, owner.userId)
  })

  it("of two who use it at the same moment lets one in", async () => {
    const token = await linkFor(await server.member(owner.teamId, "VIEWER"))
    const answers = await Promise.all([1, 2, 3, 4].map((i) => reset(token, `${newPassword} ${i}`)))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 400, 400, 400])
  })

  it("is stored as a hash that opens nothing, and replaces the earlier one", async () => {
    const member = await server.member(owner.teamId, "VIEWER")
    const earlier = await linkFor(member)
    const token = await linkFor(member)
    await closed(earlier)
    const rows = await server.database.verification.findMany({ where: { value: member.userId } })
    assert.equal(rows.length, 1)
    assert.ok(!JSON.stringify(rows).includes(token))
    const stored = rows[0]?.identifier ?? ""
    for (const guess of [stored, stored.split(" ").at(-1) ?? "", "", "unknown"]) await closed(guess)
    await open(token)
  })

  it("works for a day", async () => {
    const member = await server.member(owner.teamId, "VIEWER")
    const token = await linkFor(member)
    const where = { value: member.userId }
    const { expiresAt } = await server.database.verification.findFirstOrThrow({ where })
    assert.ok(Math.abs(expiresAt.getTime() - Date.now() - 24 * 3600_000) < 60_000)
    await server.database.verification.updateMany({ where, data: { expiresAt: new Date(Date.now() - 1000) } })
    await closed(token)
  })

  it("is not made for others than members, by others than owners, for oneself or by a program", async () => {
    const editor = await server.member(owner.teamId, "EDITOR")
    const viewer = await server.member(owner.teamId, "VIEWER")
    const program = await server.token(owner.teamId, owner.userId, ["ADMIN"])
    for (const [caller, person, type] of [
      [first.caller, editor, "NotFoundError"],
      [server.stranger, editor, "ForbiddenError"],
      [editor.caller, viewer, "ForbiddenError"],
      [viewer.caller, owner, "ForbiddenError"],
      [owner.caller, owner, "ConflictError"],
      [program, editor, "ForbiddenError"],
    ] as const)
      assert.equal((await refusalFor(person, caller)).__typename, type)
  })

  it("opens no account that reaches farther than its maker: not that of other teams, not the studio's first", async () => {
    const member = await server.member(owner.teamId, "EDITOR")
    await server.database.member.create({ data: { teamId: first.teamId, userId: member.userId, role: "VIEWER" } })
    const elsewhere = await refusalFor(member, owner.caller, owner.teamId)
    assert.equal(elsewhere.__typename, "ForbiddenError")
    assert.match(elsewhere.message, /is in teams that you do not own.*`npm run password -- person\d+@test\.example`\.$/)
    // To own one of the teams is not enough; all of them is, whoever else owns them.
    const joined = { teamId: first.teamId, userId: owner.userId }
    await server.database.member.create({ data: { ...joined, role: "EDITOR" } })
    assert.equal((await refusalFor(member, owner.caller, owner.teamId)).__typename, "ForbiddenError")
    await server.database.member.updateMany({ where: joined, data: { role: "OWNER" } })
    await open(await linkFor(member))
    const highest = await refusalFor(first, owner.caller)
    assert.equal(highest.__typename, "ForbiddenError")
    assert.match(highest.message, /has the studio's first account/)
    await server.database.member.deleteMany({ where: joined })
  })

  it("is closed when what allowed it holds no longer, and nobody takes its maker's name off", async () => {
    const member = await server.member(owner.teamId, "EDITOR")
    const second = await server.member(owner.teamId, "OWNER")
    const token = await linkFor(member, second)
    await closed(token.slice(0, token.lastIndexOf(`_${second.userId}`)))
    await closed(token.replace(second.userId, owner.userId))
    const { id: teamId } = await server.database.team.create({
      data: { name: "another", members: { create: { userId: member.userId, role: "OWNER" } } },
    })
    await closed(token)
    await server.database.team.delete({ where: { id: teamId } })
    await open(token)
    await server.database.member.updateMany({ where: { userId: second.userId }, data: { role: "EDITOR" } })
    await closed(token)
    await server.database.member.updateMany({ where: { userId: second.userId }, data: { role: "OWNER" } })
    await server.database.member.deleteMany({ where: { userId: member.userId } })
    await closed(token)
  })

  it("from the machine opens any account", async () => {
    const { url } = await makeResetLink(server.database, server.url, first.userId)
    assert.ok(url.startsWith(`${server.url}/reset/reset_`))
    assert.equal((await reset(tokenOf(url))).status, 200)
    await closed(tokenOf(url))
  })

  // Without news a subscription looks every 30 s whether its session still is.
  it("ends at once what a session that it ends was following", { timeout: 20_000 }, async () => {
    const member = await server.member(owner.teamId, "VIEWER")
    const token = await linkFor(member)
    let told = 0
    for await (const { errors } of member.caller.follow("subscription { workersChanged { id } }")) {
      assert.equal(errors, undefined)
      if (told++ === 0) assert.equal((await reset(token)).status, 200)
    }
  })

  it("slows down whoever guesses", async () => {
    const statuses = []
    for (let i = 0; i < 7; i++)
      statuses.push((await post("reset-password", { token: `guess ${i}`, newPassword }, "10.1.0.1")).status)
    assert.deepEqual(statuses, [400, 400, 400, 400, 400, 429, 429])
  })
})

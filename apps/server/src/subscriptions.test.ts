import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import type { RecordedEvent } from "@fjord/contracts"
import {
  appendEvents,
  type ClaimedRun,
  claimRun,
  notify,
  registerWorker,
  requestCancel,
  topics,
  transitionRun,
} from "@fjord/db"
import { mergeSteps } from "./runs/followRun.ts"
import { type Answer, type Caller, startTestServer, type TestServer } from "./testServer.fixture.ts"

let server: TestServer
let owner: { caller: Caller; teamId: string; userId: string }
let workerId: string

before(async () => {
  server = await startTestServer()
  owner = await server.member(undefined, "OWNER")
  const worker = {
    name: "w",
    host: "h",
    pid: 1,
    version: "1",
    provider: "cpu",
    threads: 1,
    memoryBytes: 1e9,
    device: {},
  }
  workerId = await registerWorker(server.database, worker)
})
after(() => server.stop())

async function startRun(): Promise<ClaimedRun> {
  const data = {
    teamId: owner.teamId,
    kind: "TRAINING" as const,
    name: "r",
    config: { options: { instancePrompt: "x" } },
  }
  await server.database.run.create({ data })
  const claimed = await claimRun(server.database, { id: workerId, name: "w" }, ["TRAINING"])
  assert.ok(claimed)
  return claimed
}

const stepEvent = (step: number): RecordedEvent => ({
  type: "StepFinished",
  step,
  loss: 1 / step,
  gradNorm: 1,
  learningRate: 1e-4,
  secondsPerStep: 0.1,
  etaSeconds: 1,
  residentBytes: 1e6,
})

const subscription = `subscription ($runId: ID!, $after: Int!) {
  runEvents(runId: $runId, after: $after) { merged events { seq type data } run { id status step } } }`

const follow = (caller: Caller, runId: string, after = 0) => caller.follow(subscription, { runId, after })
const eventsOf = ({ data, errors }: Answer): { seq: number | null; type: string }[] => {
  assert.equal(errors, undefined, JSON.stringify(errors))
  return data.runEvents.events
}

describe("runEvents", () => {
  it("replays what has happened, goes on live and ends with the run", async () => {
    const run = await startRun()
    const seen: (number | null)[] = []
    await appendEvents(server.database, run, [1, 2, 3].map(stepEvent))
    let status = ""
    for await (const answer of follow(owner.caller, run.runId)) {
      for (const { seq } of eventsOf(answer)) seen.push(seq)
      status = answer.data.runEvents.run.status
      if (seen.at(-1) === 4) await appendEvents(server.database, run, [4, 5].map(stepEvent))
      if (seen.at(-1) === 6) await transitionRun(server.database, { ...run, from: "RUNNING", to: "SUCCEEDED" })
    }
    assert.deepEqual(seen, [1, 2, 3, 4, 5, 6, 7])
    assert.equal(status, "SUCCEEDED")
    const again: (number | null)[] = []
    for await (const answer of follow(owner.caller, run.runId, 5))
      for (const { seq } of eventsOf(answer)) again.push(seq)
    assert.deepEqual(again, [6, 7])
  })

  it("loses nothing and doubles nothing for a client that goes away and comes back again and again", async () => {
    const run = await startRun()
    const total = 30
    const write = async () => {
      for (let step = 1; step <= total; step++) {
        await appendEvents(server.database, run, [stepEvent(step)])
        await sleep(5)
      }
      await transitionRun(server.database, { ...run, from: "RUNNING", to: "SUCCEEDED" })
    }
    const writing = write()
    const seen: number[] = []
    for (let ended = false; !ended; ) {
      ended = true
      for await (const answer of follow(owner.caller, run.runId, seen.at(-1) ?? 0)) {
        for (const { seq } of eventsOf(answer)) seen.push(seq ?? -1)
        // Goes away after each answer but the last.
        ended = answer.data.runEvents.events.at(-1).data.status === "SUCCEEDED"
        if (!ended && Math.random() < 0.3) break
      }
    }
    await writing
    assert.deepEqual(
      seen,
      Array.from({ length: total + 2 }, (_, i) => i + 1),
    )
  })

  it("goes on after the database was restarted", async () => {
    const run = await startRun()
    const seen: (number | null)[] = []
    for await (const answer of follow(owner.caller, run.runId)) {
      for (const { seq } of eventsOf(answer)) seen.push(seq)
      if (seen.length === 1) {
        await server.postgres.restart()
        for (let done = false; !done; )
          done = await transitionRun(server.database, { ...run, from: "RUNNING", to: "SUCCEEDED" }).then(
            () => true,
            () => sleep(100, false),
          )
      }
    }
    assert.deepEqual(seen, [1, 2])
  })

  it("shows previews, which are kept nowhere", async () => {
    const run = await startRun()
    for await (const answer of follow(owner.caller, run.runId)) {
      const [event] = eventsOf(answer)
      if (event?.type === "Preview") {
        assert.equal(event.seq, null)
        break
      }
      const preview = { type: "Preview", step: 1, total: 2, dataUrl: "data:image/jpeg;base64,AA==" }
      await notify(server.database, topics.preview(run.runId), JSON.stringify(preview))
    }
    assert.equal(await server.database.runEvent.count({ where: { runId: run.runId, type: "Preview" } }), 0)
    await requestCancel(server.database, run.runId)
  })

  it("ends for a member who is removed from the team", async () => {
    const run = await startRun()
    const guest = await server.member(owner.teamId, "VIEWER")
    const member = await server.database.member.findFirstOrThrow({ where: { userId: guest.userId } })
    const remove = `mutation ($id: ID!) { removeMember(memberId: $id) { ... on MutationRemoveMemberSuccess { data } } }`
    let told = 0
    for await (const answer of follow(guest.caller, run.runId)) {
      if (told++ === 0) await owner.caller.act("removeMember", remove, { id: member.id })
      else assert.equal(answer.data, null)
    }
    assert.equal(told, 1)
  })

  it("merges steps for a reader who falls behind, and nothing else", () => {
    const events = Array.from({ length: 200 }, (_, i) => ({
      seq: i + 1,
      type: i === 100 ? "CheckpointSaved" : "StepFinished",
      createdAt: new Date(),
      data: {},
    }))
    const { events: left, merged } = mergeSteps(events)
    assert.equal(left.length + merged, 200)
    assert.ok(left.length <= 51)
    assert.equal(left.at(-1)?.seq, 200)
    assert.ok(left.some(({ type }) => type === "CheckpointSaved"))
    assert.deepEqual(mergeSteps(events.slice(0, 20)).merged, 0)
  })
})

describe("teamRuns", () => {
  it("tells of every run of the team that changes, and of no other team's", async () => {
    const other = await server.member(undefined, "OWNER")
    const ids: string[] = []
    const began = Date.now()
    const query = "subscription ($teamId: ID!) { teamRuns(teamId: $teamId) { id status } }"
    const following = (async () => {
      for await (const { data } of owner.caller.follow(query, { teamId: owner.teamId })) {
        ids.push(data.teamRuns.id)
        if (data.teamRuns.status === "SUCCEEDED") return
      }
    })()
    // The socket needs a moment until it listens; news from before are none.
    await sleep(500)
    await notify(server.database, topics.teamRuns(other.teamId), "nothing")
    const run = await startRun()
    await transitionRun(server.database, { ...run, from: "RUNNING", to: "SUCCEEDED" })
    await following
    assert.deepEqual([...new Set(ids)], [run.runId])
    assert.ok(Date.now() > began)
  })
})

describe("the socket", () => {
  it("refuses pages of other places", async () => {
    await assert.rejects(async () => {
      const foreign = { ...owner.caller.headers, origin: "https://evil.example" }
      const Foreign = Object.getPrototypeOf(owner.caller).constructor
      for await (const _ of new Foreign(server.url, foreign).follow("subscription { workersChanged { id } }"))
        assert.fail()
    })
  })

  it("refuses operations that are too deep", async () => {
    const deep = "images { edges { node { warnings { otherImage { ".repeat(4)
    const query = `query { dataset(id: "x") { ${deep} id ${"} } } } } ".repeat(4)} } }`
    await assert.rejects(
      async () => {
        for await (const _ of owner.caller.follow(query)) assert.fail()
      },
      (error) => JSON.stringify(error).length > 0,
    )
  })
})

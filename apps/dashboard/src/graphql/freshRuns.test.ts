import assert from "node:assert/strict"
import { mock, test } from "node:test"
import { InMemoryCache } from "@apollo/client"
import { freshenRun } from "./freshRuns.ts"
import {
  ActiveRunsDocument,
  type ActiveRunsQuery,
  type RunLiveFragment,
  RunLiveFragmentDoc,
  type RunProgressFragment,
} from "./generated/graphql.ts"

const run = (id: string, step: number): RunProgressFragment => ({
  __typename: "TrainingRun",
  id,
  name: id,
  kind: "TRAINING",
  status: "RUNNING",
  alive: true,
  step,
  totalSteps: 1000,
  loss: 0.1,
  etaSeconds: 60,
  queuedAt: "2026-01-01T00:00:00Z",
  startedAt: "2026-01-01T00:00:01Z",
  endedAt: null,
  failure: null,
})

test("of figures that come faster than they can be read, a page is told the first at once and then the latest of each second", () => {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1e12 })
  const cache = new InMemoryCache({ possibleTypes: { Run: ["TrainingRun"] } })
  const list = { query: ActiveRunsDocument, variables: { teamId: "team" } }
  cache.writeQuery({ ...list, data: { activeRuns: [run("a", 0), run("b", 0)] } })
  const seen: (number | null | undefined)[][] = []
  cache.watch<ActiveRunsQuery>({
    ...list,
    optimistic: false,
    callback: ({ result }) => seen.push(result?.activeRuns?.map((one) => one?.step) ?? []),
  })
  for (let step = 1; step <= 100; step++) {
    freshenRun(cache, run("a", step))
    if (step < 50) freshenRun(cache, run("b", 10 * step))
    mock.timers.tick(step === 1 ? 0 : 30)
  }
  mock.timers.tick(1_000)
  mock.timers.reset()
  assert.deepEqual(seen, [
    [1, 10],
    [35, 350],
    [69, 490],
    [100, 490],
  ])
})

test("a run's phase is not lost where a list tells its progress in the same second", () => {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 2e12 })
  const cache = new InMemoryCache({ possibleTypes: { Run: ["TrainingRun"] } })
  const phase = { __typename: "RunPhase" as const, text: "Reading the pictures, 3 of 5", done: 3, total: 5 }
  freshenRun(cache, { ...run("c", 0), phase })
  freshenRun(cache, run("c", 1))
  mock.timers.tick(1_000)
  mock.timers.reset()
  const written = cache.readFragment<RunLiveFragment>({
    fragment: RunLiveFragmentDoc,
    fragmentName: "RunLive",
    id: "TrainingRun:c",
  })
  assert.deepEqual([written?.phase, written?.step], [phase, 1])
})

import assert from "node:assert/strict"
import { test } from "node:test"
import { hear, type LogEntry, openLiveRun } from "./liveRun.ts"

const opened = () => openLiveRun({ id: "run", lastSeq: 0, metrics: [], log: [] })
const step = (seq: number): LogEntry => ({
  seq,
  type: "StepFinished",
  createdAt: "",
  data: { step: seq, loss: 1 / seq },
})
const message = (seq: number): LogEntry => ({
  seq,
  type: "Message",
  createdAt: "",
  data: { level: "info", text: `${seq}` },
})

test("however long a run goes on, its page holds a bounded number of steps and lines, the latest among them", () => {
  const live = opened()
  for (let seq = 1; seq <= 60_000; seq += 20)
    hear(
      live,
      Array.from({ length: 20 }, (_, i) => ((seq + i) % 10 === 0 ? message(seq + i) : step(seq + i))),
    )
  assert.ok(live.series.steps.length <= 10_000 && live.series.steps.length >= 5_000)
  assert.equal(live.series.steps.at(-1), 59_999)
  assert.equal(live.log.length, 2_000)
  assert.equal(live.log.at(-1)?.seq, 60_000)
})

test("what is told again after a lost connection counts once", () => {
  const live = opened()
  const told = [message(1), step(2), step(3), message(4)]
  assert.equal(hear(live, told).length, 4)
  const news = hear(live, [...told, step(5), message(6)])
  assert.deepEqual(
    news.map(({ seq }) => seq),
    [5, 6],
  )
  assert.deepEqual(live.series.steps, [2, 3, 5])
  assert.deepEqual(
    live.log.map(({ seq }) => seq),
    [1, 4, 6],
  )
})

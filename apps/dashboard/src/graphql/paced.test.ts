import assert from "node:assert/strict"
import { mock, test } from "node:test"
import { paced } from "./paced.ts"

test("what is asked for all the time is done at once and then once in its time, and not after it was stopped", () => {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1e12 })
  const done: number[] = []
  const pace = paced(() => done.push(Date.now() - 1e12), 1_000)
  for (let ms = 0; ms < 2_500; ms += 50) {
    pace.ask()
    mock.timers.tick(50)
  }
  pace.ask()
  pace.stop()
  mock.timers.tick(5_000)
  mock.timers.reset()
  assert.equal(done.length, 3)
  assert.ok(
    done.slice(1).every((at, i) => at - (done[i] ?? 0) >= 1_000 && at - (done[i] ?? 0) < 1_100),
    `${done}`,
  )
})

import assert from "node:assert/strict"
import { test } from "node:test"
import { forecastLine } from "./forecastLine.ts"

const nothing = {
  estimatedSeconds: null,
  secondsRatio: null,
  estimatedBytes: null,
  actualBytes: null,
  bytesRatio: null,
}

test("a forecast is compared with what the run took, and what was not foretold is left out", () => {
  const both = {
    ...{ estimatedSeconds: 600, actualSeconds: 720, secondsRatio: 1.2 },
    ...{ estimatedBytes: 4.4e9, actualBytes: 4.1e9, bytesRatio: 4.1 / 4.4 },
  }
  const text = "It took 12 min, 20 % more than foretold; 4.1 GB of memory, 7 % less than foretold."
  assert.equal(forecastLine(both), text)
  assert.equal(forecastLine({ ...nothing, actualSeconds: 600, secondsRatio: 1.002 }), "It took 10 min, as foretold.")
  assert.equal(
    forecastLine({ ...nothing, actualSeconds: 600, secondsRatio: 4 }),
    "It took 10 min, 4.0 times what was foretold.",
  )
  assert.equal(forecastLine({ ...nothing, actualSeconds: 600 }), undefined)
})

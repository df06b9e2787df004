import assert from "node:assert/strict"
import { test } from "node:test"
import { runChaos } from "./chaos.ts"
import { faultNames } from "./faults.ts"
import { startS3 } from "./s3.ts"

test("each fault once, with three workers on an S3 server: no event lost or doubled, no other bytes, nothing stuck or left", async () => {
  const s3 = await startS3()
  try {
    const { problems } = await runChaos({
      trials: faultNames.length,
      seed: 7,
      atOnce: 2,
      workers: 3,
      s3: s3.options,
      say: () => {},
    })
    assert.deepEqual(problems, [])
  } finally {
    await s3.stop()
  }
})

import assert from "node:assert/strict"
import { test } from "node:test"
import { logLine } from "./logLine.ts"

test("the log says in words what happened, and why where a reason is known", () => {
  const failure = { message: "The disk is full.", cause: "", advice: "" }
  assert.deepEqual(logLine("StatusChanged", { status: "FAILED", attempt: 1, failure }), {
    text: "The run has failed: The disk is full.",
    tone: "danger",
  })
  assert.deepEqual(logLine("StatusChanged", { status: "QUEUED", attempt: 1, reason: "The worker fell silent." }), {
    text: "The run waits for a worker: The worker fell silent.",
    tone: "warning",
  })
  assert.equal(logLine("RunStarted", { steps: 1200, resumedFrom: 500 }).text, "The run goes on from step 500 of 1,200")
  assert.equal(
    logLine("MemoryEstimated", { estimateBytes: 2.5e9, mode: "recompute" }).text,
    "It will need about 2.5 GB of memory; activations are computed again",
  )
  assert.equal(logLine("Message", { level: "warning", text: "Slow." }).tone, "warning")
})

test("an event of a newer server is named rather than lost", () => {
  assert.deepEqual(logLine("SomethingNew", null), { text: "SomethingNew", tone: "plain" })
})

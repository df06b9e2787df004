import assert from "node:assert/strict"
import { once } from "node:events"
import { test } from "node:test"
import { untilInterrupted } from "./stopping.ts"

/** Work that goes on until it is asked to stop. */
async function untilAborted(signal: AbortSignal): Promise<void> {
  setImmediate(() => process.emit("SIGINT"))
  await once(signal, "abort")
}

test("Ctrl-C aborts the signal once, and work that stops for it is no error", async () => {
  assert.equal(await untilInterrupted(untilAborted, "Stopping."), true)
  const throwing = async (signal: AbortSignal) => {
    await untilAborted(signal)
    signal.throwIfAborted()
  }
  assert.equal(await untilInterrupted(throwing, "Stopping."), true)
})

test("work that ends by itself was not interrupted, and its errors come through", async () => {
  assert.equal(await untilInterrupted(async () => {}, "Stopping."), false)
  const failing = async () => {
    throw new Error("disk")
  }
  await assert.rejects(untilInterrupted(failing, "Stopping."), { message: "disk" })
})

test("a SIGTERM that comes twice, to the group and from the launcher, is one", async () => {
  const asked = async (signal: AbortSignal) => {
    for (let i = 0; i < 2; i++) setImmediate(() => process.emit("SIGTERM", "SIGTERM"))
    await once(signal, "abort")
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  assert.equal(await untilInterrupted(asked, "Stopping."), true)
})

import assert from "node:assert/strict"
import { once } from "node:events"
import { createServer } from "node:net"
import { test } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { startTestServer } from "../testServer.fixture.ts"

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  await once(server, "close")
  return typeof address === "object" && address !== null ? address.port : assert.fail("no port")
}

test("whoever asks while the server is starting is told so at once, and is answered when it has started", async () => {
  const port = await freePort()
  const starting = startTestServer({ PORT: String(port) })
  const ask = () =>
    fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(30_000) }).catch((error: unknown) => {
      if (error instanceof DOMException) throw error
      return undefined
    })
  try {
    let first: Response | undefined
    while (first === undefined) {
      first = await ask()
      await sleep(2)
    }
    assert.equal(first.status, 503)
    assert.equal(first.headers.get("retry-after"), "2")
    assert.match(await first.text(), /is starting/)
    await starting
    assert.equal((await ask())?.status, 200)
  } finally {
    await (await starting).stop()
  }
})

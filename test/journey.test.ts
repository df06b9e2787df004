import assert from "node:assert/strict"
import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { it } from "node:test"
import { fileURLToPath } from "node:url"
import { startTestDatabase } from "../packages/db/src/testing.ts"
import { journey } from "./journey.ts"

const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))

async function end(process: ChildProcess) {
  if (process.exitCode !== null || process.signalCode !== null) return
  const exited = once(process, "exit")
  process.kill("SIGTERM")
  await exited
}

it("drives the whole job over HTTP and WebSocket only, from signing up to the finished PNG", async () => {
  const folder = mkdtempSync(join(tmpdir(), "fjord-journey-"))
  const postgres = await startTestDatabase()
  const model = join(folder, "tiny")
  execFileSync(process.execPath, [at("apps/cli/src/main.ts"), "new-model", "tiny", model])
  const env = {
    ...process.env,
    DATABASE_URL: postgres.url,
    FJORD_DATA: join(folder, "data"),
    FJORD_SECRET: "a secret for tests, forty characters long",
    FJORD_LOG_LEVEL: process.env.FJORD_LOG_LEVEL ?? "warn",
    FJORD_THREADS: "1",
    PORT: "0",
  }
  const server = spawn(process.execPath, [at("apps/server/src/main.ts")], {
    env,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  })
  const worker = spawn(process.execPath, [at("apps/worker/src/main.ts")], {
    env,
    stdio: ["ignore", "inherit", "inherit"],
  })
  try {
    const [{ url }] = (await once(server, "message")) as [{ url: string }]
    const pictures = readdirSync(at("packages/starter/concept")).filter((name) => name.endsWith(".png"))
    const { losses, events, png } = await journey({
      url,
      model,
      steps: 4,
      resolution: 64,
      pictures: pictures.map((name) => at(`packages/starter/concept/${name}`)),
      email: "ada@example.org",
      password: "correct horse battery",
      say: () => {},
    })
    assert.equal(losses.length, 4)
    assert.ok(losses.every(Number.isFinite))
    assert.deepEqual(
      events.map(({ seq }) => seq),
      events.map((_, i) => i + 1),
    )
    assert.equal(png.subarray(1, 4).toString(), "PNG")
  } finally {
    await end(server)
    await end(worker)
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
})

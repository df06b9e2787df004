import assert from "node:assert/strict"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { endAbandonedPostgres } from "../packages/db/src/index.ts"
import { childrenOf } from "./orphans.ts"

const repository = fileURLToPath(new URL("..", import.meta.url))
/** A worker may take half a minute to hand its run over, and a busy machine takes long for everything. */
const patienceMs = 120_000

let folder: string
let port: number
const processes = new Set<number>()
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "fjord-launcher-"))
  // Postgres runs as another account where we are root.
  chmodSync(folder, 0o755)
  const taken = createServer().listen(0, "127.0.0.1")
  await once(taken, "listening")
  const address = taken.address()
  port = address !== null && typeof address === "object" ? address.port : 0
  taken.close()
})
after(async () => {
  for (const pid of processes) if (lives(pid)) process.kill(pid, "SIGKILL")
  await endAbandonedPostgres(join(folder, "postgres"), 10_000)
  rmSync(folder, { recursive: true, force: true })
})

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  // One whose parent has not asked for its end yet has ended all the same.
  return !existsSync("/proc/self/stat") || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"))
}

const postmaster = () => join(folder, "postgres", "data", "postmaster.pid")

type Started = { readonly launcher: ChildProcess; readonly studio: number; readonly all: readonly number[] }

/** `npm start` without the dashboard, which takes a minute to build. */
async function start(): Promise<Started> {
  const launcher = spawn(process.execPath, [join(repository, "scripts", "up.mjs")], {
    env: { ...process.env, FJORD_DATA: folder, PORT: String(port), FJORD_DASHBOARD: "0", DATABASE_URL: "" },
    stdio: ["ignore", "pipe", "pipe"],
  })
  let said = ""
  for (const stream of [launcher.stdout, launcher.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text
    })
  for (const began = performance.now(); !said.includes("Fjord is ready"); await sleep(100)) {
    assert.ok(launcher.exitCode === null && launcher.signalCode === null, said)
    assert.ok(performance.now() - began < patienceMs, said)
  }
  const [studio] = childrenOf(launcher)
  assert.ok(launcher.pid !== undefined && studio !== undefined)
  const postgres = Number(readFileSync(postmaster(), "utf8").split("\n")[0])
  const all = [...new Set([launcher.pid, studio, postgres, ...childrenOf({ pid: studio })])]
  // Launcher, studio, Postgres, server and worker.
  assert.equal(all.length, 5)
  for (const pid of all) processes.add(pid)
  assert.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 200)
  return { launcher, studio, all }
}

async function nothingIsLeft(all: readonly number[]) {
  for (const began = performance.now(); all.some(lives); await sleep(100))
    assert.ok(performance.now() - began < patienceMs, `of ${all.join(", ")} live ${all.filter(lives).join(", ")}`)
  assert.ok(!existsSync(postmaster()), "Postgres has ended in order")
  await assert.rejects(fetch(`http://127.0.0.1:${port}/healthz`))
}

test("a launcher that is killed takes studio, server, worker and Postgres with it, and the next start works", async () => {
  const { launcher, all } = await start()
  launcher.kill("SIGKILL")
  await nothingIsLeft(all)
})

test("a studio that is killed under its launcher leaves nothing running either", async () => {
  const { studio, all } = await start()
  process.kill(studio, "SIGKILL")
  await nothingIsLeft(all)
})

test("after both were killed at once the next start waits for what is ending, uses the Postgres that is left, and ends it", async () => {
  const { launcher, studio } = await start()
  launcher.kill("SIGKILL")
  process.kill(studio, "SIGKILL")
  const next = await start()
  next.launcher.kill("SIGTERM")
  await nothingIsLeft(next.all)
})

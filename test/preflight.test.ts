import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, test } from "node:test"
import { fileURLToPath } from "node:url"
import { Refusal } from "../packages/db/src/index.ts"
import { checkPort, judgeRoom, lockFolder, measureRoom } from "../scripts/studio/preflight.ts"

const folder = mkdtempSync(join(tmpdir(), "fjord-preflight-"))
after(() => rmSync(folder, { recursive: true }))

const refused = (message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof Refusal)
  assert.match(error.message, message)
  return true
}

const plenty = { free: 50e9, memory: 32e9 }

test("a disk or a memory too small to run at all is refused with what there is, what is needed and a way out", () => {
  assert.throws(
    () => judgeRoom("data", { ...plenty, free: 0.4e9 }),
    refused(/^There are 0\.4 GB left on the disk of data; Fjord needs 1\.0 GB: free some, or set FJORD_DATA\.$/),
  )
  assert.throws(
    () => judgeRoom("data", { ...plenty, memory: 0.5e9 }),
    refused(/^This machine has 0\.5 GB of memory; Fjord needs 1\.0 GB/),
  )
})

test("a start on little room goes on and says what will not fit; on plenty it says nothing", () => {
  assert.match(judgeRoom("data", { ...plenty, free: 4e9 }).join(), /There are 4\.0 GB left.*checkpoints take gigabytes/)
  assert.match(judgeRoom("data", { ...plenty, memory: 4e9 }).join(), /4\.0 GB of memory: enough for the starter model/)
  assert.deepEqual(judgeRoom("data", plenty), [])
})

test("the room is that of the folder's disk and of this machine or its container", () => {
  const { free, memory } = measureRoom(folder)
  assert.ok(free > 0 && memory > 0 && Number.isFinite(memory))
})

test("a taken port is refused with the command that takes the next one", async () => {
  const other = createServer().listen(0, "127.0.0.1")
  await once(other, "listening")
  const address = other.address()
  assert.ok(address !== null && typeof address === "object")
  const { port } = address
  await assert.rejects(
    checkPort(port, "127.0.0.1"),
    refused(new RegExp(`^Port ${port} is taken by another program; .* PORT=${port + 1} npm start$`)),
  )
  other.close()
  await once(other, "close")
  await checkPort(port, "127.0.0.1")
})

test("a folder is one studio's at a time; a number that another program has by now is none of ours", async () => {
  const file = join(folder, "studio.pid")
  const lockedBy = async (...args: string[]) => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)", ...args])
    await once(child, "spawn")
    writeFileSync(file, String(child.pid))
    return child
  }
  const studio = await lockedBy(process.argv[1] ?? "")
  assert.throws(() => lockFolder(folder), refused(new RegExp(`already runs on .* \\(process ${studio.pid}\\)`)))
  studio.kill("SIGKILL")
  await once(studio, "exit")
  const left = lockFolder(folder)
  assert.ok(left.abandoned)
  left.unlock()
  assert.ok(!existsSync(file))
  assert.ok(!lockFolder(folder).abandoned)
  rmSync(file)

  // Elsewhere than on Linux nothing says what a process runs.
  if (existsSync("/proc/self/cmdline")) {
    const stranger = await lockedBy()
    const { unlock } = lockFolder(folder)
    assert.equal(readFileSync(file, "utf8"), String(process.pid))
    unlock()
    stranger.kill("SIGKILL")
  }
  // A container's processes get the same numbers each time it starts.
  writeFileSync(file, String(process.pid))
  lockFolder(folder).unlock()
})

const unusable = join(folder, "a file")
writeFileSync(unusable, "")

/** Starts the whole studio with these settings. @returns how it ended and what it said */
async function start(settings: Readonly<Record<string, string>>) {
  const main = fileURLToPath(new URL("../scripts/studio/main.ts", import.meta.url))
  const env = { ...process.env, FJORD_DATA: join(folder, "data"), PORT: "0", ...settings }
  const child = spawn(process.execPath, [main], { env, stdio: ["ignore", "pipe", "pipe"] })
  let said = ""
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text
    })
  const [status] = await once(child, "close")
  return { status, said }
}

test("npm start with settings that cannot be used ends with one sentence, having started nothing", async () => {
  const taken = createServer().listen(0, "127.0.0.1")
  await once(taken, "listening")
  const address = taken.address()
  assert.ok(address !== null && typeof address === "object")
  const { port } = address
  for (const [settings, sentence] of [
    [{ FJORD_DATA: unusable }, /^The folder .*a file cannot be made or written to, .* is a file; set FJORD_DATA/],
    [{ FJORD_DATA: "/proc/fjord" }, /^The folder .*proc.fjord cannot be made or written to, .*; set FJORD_DATA/],
    [{ PORT: String(port) }, new RegExp(`^Port ${port} is taken by another program`)],
    [{ DATABASE_URL: `postgresql://u:p@127.0.0.1:${port}/x` }, /^The database at 127\.0\.0\.1:\d+\/x cannot be used: /],
    [{ DATABASE_URL: "sqlite:x" }, /^DATABASE_URL is no address of a Postgres/],
    [{ PORT: "many" }, /^Fjord could not start: PORT is "many"/],
  ] as const) {
    const { status, said } = await start(settings)
    assert.match(said, sentence)
    assert.equal(said.trimEnd().split("\n").length, 1, said)
    assert.equal(status, 1)
    assert.ok(!existsSync(join(folder, "data", "postgres")))
  }
  taken.close()
})

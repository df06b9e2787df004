/**
 * The server under load: `node bench/server.ts [--seconds 5]`. A real server process on an embedded Postgres with 10,000
 * images, 1,000 runs and 1,000,000 rows of metrics; 200 subscribers of one run, each with a socket of its own. Costs are in
 * processor time of the server and as multiples of an empty request's, measured in the same run: what remains comparable on
 * a busy or another machine.
 */

import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { cpus, tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { appendEvents, beat, claimRun, openDatabase, registerWorker, startPostgres } from "../packages/db/src/index.ts"
import { migrate } from "../scripts/studio/migrate.ts"
import { askForAWhile, percentile, subscribe } from "./server/load.ts"
import { fillStudio, subscribers } from "./server/rows.ts"

const { values } = parseArgs({ options: { seconds: { type: "string", default: "5" } } })
const seconds = Number(values.seconds)
const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))

const queries = {
  "nothing (empty request)": "{ __typename }",
  "who am I":
    "{ viewer { user { id name } memberships { role team { id name } } } setup { signUpOpen version hasStarterModel } }",
  "list of runs": `query ($teamId: ID!) { trainingRuns(teamId: $teamId, first: 50) { totalCount edges { node {
    id name status alive step totalSteps loss etaSeconds startedAt endedAt baseModel { name } concept { name } } } } }`,
  "a run, 1000 points": `query ($runId: ID!) { trainingRun(id: $runId) { id name status config metrics(maxPoints: 1000) { step loss learningRate gradNorm }
    checkpoints { id step } samples { id url } } }`,
  "a data set, 100 of 500 images": `query ($datasetId: ID!) { dataset(id: $datasetId) { name imageCount byteSize warnings { kind message }
    images(first: 100) { totalCount edges { node { id name caption width height url thumbnailUrl(size: 384) warnings { kind } } } } } }`,
  "gallery, 50 of 5000": `query ($teamId: ID!) { generatedImages(teamId: $teamId, first: 50) { totalCount edges { node {
    id prompt seed favourite thumbnailUrl(size: 384) } } } }`,
}

const residentMiB = (process: ChildProcess) => {
  const status = readFileSync(`/proc/${process.pid}/status`, "utf8")
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
}

/** Processor time of a process so far, in milliseconds: what a request costs however busy the machine is. */
const processorMs = (process: ChildProcess) => {
  const fields = readFileSync(`/proc/${process.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? []
  // utime and stime, in hundredths of a second.
  return (Number(fields[11]) + Number(fields[12])) * 10
}

const folder = mkdtempSync(join(tmpdir(), "fjord-bench-"))
// Postgres runs as another account where we are root.
chmodSync(folder, 0o755)
const postgres = await startPostgres({ folder: join(folder, "postgres") })
await migrate(postgres.url)
const database = openDatabase(postgres.url, 5)
const env = {
  ...process.env,
  DATABASE_URL: postgres.url,
  FJORD_DATA: folder,
  PORT: "0",
  FJORD_LOG_LEVEL: "warn",
  FJORD_THREADS: "1",
}
const start = (app: string, ipc: "ipc" | "ignore", flags: readonly string[] = []) =>
  spawn(process.execPath, [...flags, at(`apps/${app}/src/main.ts`)], {
    env,
    stdio: ["ignore", "inherit", "inherit", ipc],
  })
const server = start("server", "ipc", ["--expose-gc", "--import", at("bench/server/heapAfterGc.ts")])
/** What the server's heap holds after a collection: what its resident memory has grown beyond that, V8 is slow to give back. */
const heapMiB = async () => {
  server.kill("SIGUSR2")
  const [{ heapBytes }] = (await once(server, "message")) as [{ heapBytes: number }]
  return heapBytes / 2 ** 20
}
const worker = start("worker", "ignore")
try {
  const [{ url }] = (await once(server, "message")) as [{ url: string }]
  const world = await fillStudio(database)
  const [images, runs, metrics] = await Promise.all([
    database.image.count(),
    database.run.count(),
    database.runMetric.count(),
  ])
  await sleep(3000)
  console.log(`${cpus()[0]?.model}, ${cpus().length} processors, Node ${process.version}`)
  console.log(`${images} images, ${runs} runs, ${metrics} rows of metrics`)
  console.log(`idle: server ${residentMiB(server).toFixed(0)} MiB, worker ${residentMiB(worker).toFixed(0)} MiB\n`)
  worker.kill("SIGTERM")
  const [token = ""] = world.tokens
  console.log(
    `| query (8 at a time, ${seconds} s each or 100 answers) | requests/s | p50 ms | p99 ms | processor ms | of an empty one |\n| --- | ---: | ---: | ---: | ---: | ---: |`,
  )
  let empty = 0
  for (const [name, query] of Object.entries(queries)) {
    // The first answers pay for compiling what answers them.
    await askForAWhile(url, token, query, world, 1)
    const before = processorMs(server)
    const began = performance.now()
    const times = await askForAWhile(url, token, query, world, seconds)
    const took = (performance.now() - began) / 1000
    const cost = (processorMs(server) - before) / times.length
    if (empty === 0) empty = cost
    const figures = [times.length / took, percentile(times, 0.5), percentile(times, 0.99)].map((n) => n.toFixed(0))
    console.log(`| ${name} | ${figures.join(" | ")} | ${cost.toFixed(1)} | ${(cost / empty).toFixed(1)} |`)
  }

  const workerId = await registerWorker(database, {
    name: "bench",
    host: "h",
    pid: 1,
    version: "1",
    provider: "cpu",
    threads: 1,
    memoryBytes: 1e9,
    device: {},
  })
  await database.run.create({
    data: { teamId: world.teamId, kind: "GENERATION", name: "live", config: {}, priority: 1 },
  })
  const run = await claimRun(database, { id: workerId, name: "bench" }, ["GENERATION"])
  if (run === null) throw new Error("the run could not be claimed")
  // A busy machine takes long to open 200 sockets; without signs of life the run would be given to another worker.
  const alive = setInterval(() => void beat(database, workerId, [run]).catch(() => {}), 2000)
  const now = (count: number) =>
    Array.from({ length: count }, () => ({
      type: "Message" as const,
      level: "info" as const,
      text: String(Date.now()),
    }))
  const heapBefore = await heapMiB()
  console.log(
    `\n| events written | delivered/s to ${subscribers} subscribers | p50 ms | p99 ms | lost or doubled | processor µs each | per empty request |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |`,
  )
  for (const [label, batch, pauseMs] of [
    ["4 × 1 per second", 1, 250],
    ["4 × 10 per second", 10, 250],
    ["as fast as they are read, 50 at a time", 50, 0],
  ] as const) {
    const { delays, missing, stop } = await subscribe(url, world.tokens, run.runId)
    const already = delays.length
    const before = processorMs(server)
    const began = performance.now()
    let written = 0
    while (performance.now() - began < seconds * 1000) {
      await appendEvents(database, run, now(batch))
      written += batch
      if (pauseMs > 0) await sleep(pauseMs)
      // No more than one batch is on its way, so that the delay is the server's and not the queue's.
      else while (delays.length - already < written * subscribers) await sleep(1)
    }
    while (delays.length - already < written * subscribers) await sleep(5)
    const took = (performance.now() - began) / 1000
    stop()
    const cost = ((processorMs(server) - before) * 1000) / (written * subscribers)
    const sorted = delays.slice(already).sort((a, b) => a - b)
    console.log(
      `| ${label} | ${(sorted.length / took).toFixed(0)} | ${percentile(sorted, 0.5)} | ${percentile(sorted, 0.99)} | ${missing.length} | ${cost.toFixed(0)} | ${((empty * 1000) / cost).toFixed(0)} |`,
    )
    await sleep(500)
  }
  clearInterval(alive)
  const heaps = [heapBefore, await heapMiB()].map((mebibytes) => mebibytes.toFixed(1))
  console.log(`\nserver after all this: ${residentMiB(server).toFixed(0)} MiB`)
  console.log(`its heap after a collection, before and after the events: ${heaps.join(" and ")} MiB`)
} finally {
  for (const child of [server, worker]) {
    child.kill("SIGTERM")
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit")
  }
  await database.$disconnect()
  await postgres.stop()
  rmSync(folder, { recursive: true, force: true })
}
process.exit(0)

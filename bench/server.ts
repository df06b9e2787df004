/**
 * The server under load: `node bench/server.ts [--seconds 5]`. A real server process on an embedded Postgres with 10,000
 * images, 1,000 runs and 1,000,000 rows of metrics; 200 subscribers of one run, each with a socket of its own.
 */

import { type ChildProcess, spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { once } from "node:events"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { cpus, tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { appendEvents, beat, claimRun, type Database, registerWorker } from "../packages/db/src/index.ts"
import { startTestDatabase } from "../packages/db/src/testing.ts"

const { values } = parseArgs({ options: { seconds: { type: "string", default: "5" } } })
const seconds = Number(values.seconds)
const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))
const subscribers = 200
const socketsPerPerson = 20

/** As many rows as a busy team has after a year, made by the database itself. */
async function seed(
  database: Database,
): Promise<{ teamId: string; datasetId: string; runId: string; tokens: string[] }> {
  const teamId = (await database.team.create({ data: { name: "bench" } })).id
  await database.$executeRaw`
    INSERT INTO "File" (hash, "byteSize", "mediaType") SELECT encode(sha256(i::text::bytea), 'hex'), 400000, 'image/png' FROM generate_series(1, 10000) i`
  await database.$executeRaw`INSERT INTO "TeamFile" (id, "teamId", hash) SELECT gen_random_uuid()::text, ${teamId}, hash FROM "File"`
  await database.$executeRaw`INSERT INTO "Dataset" (id, "teamId", name) SELECT 'd' || i, ${teamId}, 'data set ' || i FROM generate_series(1, 20) i`
  await database.$executeRaw`
    INSERT INTO "Image" (id, "datasetId", hash, name, caption, width, height, "perceptualHash", sharpness, "createdAt")
    SELECT 'i' || i, 'd' || (1 + i % 20), encode(sha256(i::text::bytea), 'hex'), i || '.png', 'a photo of sks toy', 1024, 1024,
      substr(encode(sha256(i::text::bytea), 'hex'), 1, 16), 200, now() + i * interval '1 second' FROM generate_series(1, 10000) i`
  await database.$executeRaw`
    INSERT INTO "Run" (id, "teamId", kind, name, status, config, step, "totalSteps", "createdAt")
    SELECT 'r' || i, ${teamId}, 'TRAINING', 'run ' || i, 'SUCCEEDED', '{"options":{"instancePrompt":"a photo of sks toy"}}', 1000, 1000,
      now() + i * interval '1 second' FROM generate_series(1, 1000) i`
  await database.$executeRaw`
    INSERT INTO "RunMetric" ("runId", step, loss, "learningRate", "gradNorm", "secondsPerStep", "residentBytes")
    SELECT 'r' || r, s, random(), 1e-4, 1, 1, 1e9 FROM generate_series(1, 1000) r, generate_series(1, 1000) s`
  await database.$executeRaw`
    INSERT INTO "GeneratedImage" (id, "teamId", "runId", index, seed, prompt, width, height, hash, "createdAt")
    SELECT 'g' || i, ${teamId}, 'r' || (1 + i % 1000), i, i, 'a photo of sks toy on the moon', 512, 512, encode(sha256(i::text::bytea), 'hex'),
      now() + i * interval '1 second' FROM generate_series(1, 5000) i`
  await database.$executeRawUnsafe("ANALYZE")
  const tokens: string[] = []
  for (let i = 0; i < subscribers / socketsPerPerson; i++) {
    const token = `fjord_bench_${i}`
    const hash = createHash("sha256").update(token).digest("hex")
    const user = await database.user.create({ data: { name: `u${i}`, email: `u${i}@bench.example` } })
    await database.member.create({ data: { teamId, userId: user.id, role: "EDITOR" } })
    await database.apiToken.create({
      data: { teamId, userId: user.id, name: "bench", hash, prefix: "fjord_bench", scopes: ["WRITE"] },
    })
    tokens.push(token)
  }
  return { teamId, datasetId: "d1", runId: "r500", tokens }
}

const queries = {
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

const percentile = (sorted: readonly number[], part: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN

async function askForAWhile(url: string, token: string, query: string, variables: object) {
  const body = JSON.stringify({ query, variables })
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` }
  const times: number[] = []
  const until = performance.now() + seconds * 1000
  const client = async () => {
    while (performance.now() < until) {
      const began = performance.now()
      const answer = (await (await fetch(`${url}/graphql`, { method: "POST", headers, body })).json()) as {
        errors?: unknown
      }
      if (answer.errors !== undefined) throw new Error(JSON.stringify(answer.errors))
      times.push(performance.now() - began)
    }
  }
  await Promise.all(Array.from({ length: 8 }, client))
  return times.sort((a, b) => a - b)
}

/** @returns how many are connected, the delays in milliseconds of what came, and how to stop. */
async function subscribe(url: string, tokens: readonly string[], runId: string) {
  const delays: number[] = []
  const missing: number[] = []
  const sockets = await Promise.all(
    Array.from({ length: subscribers }, async (_, i) => {
      const socket = new WebSocket(`${url.replace(/^http/, "ws")}/graphql`, "graphql-transport-ws")
      const connected = Promise.withResolvers<void>()
      let last = 0
      socket.onerror = () => connected.reject(new Error("a socket could not be opened"))
      socket.onopen = () =>
        socket.send(
          JSON.stringify({
            type: "connection_init",
            payload: { authorization: `Bearer ${tokens[Math.floor(i / socketsPerPerson)]}` },
          }),
        )
      socket.onmessage = ({ data }) => {
        const message = JSON.parse(data)
        if (message.type === "ping") socket.send('{"type":"pong"}')
        if (message.type === "connection_ack") {
          const query = `subscription { runEvents(runId: "${runId}") { events { seq type data } } }`
          socket.send(JSON.stringify({ id: "1", type: "subscribe", payload: { query } }))
        }
        if (message.type !== "next") return
        connected.resolve()
        for (const { seq, type, data: event } of message.payload.data.runEvents.events) {
          if (seq !== last + 1) missing.push(seq)
          last = seq
          if (type === "Message") delays.push(Date.now() - Number(event.text))
        }
      }
      await connected.promise
      return socket
    }),
  )
  const stop = () => {
    for (const socket of sockets) socket.close()
  }
  return { delays, missing, stop }
}

const folder = mkdtempSync(join(tmpdir(), "fjord-bench-"))
const postgres = await startTestDatabase()
const env = {
  ...process.env,
  DATABASE_URL: postgres.url,
  FJORD_DATA: folder,
  PORT: "0",
  FJORD_LOG_LEVEL: "warn",
  FJORD_THREADS: "1",
}
const start = (app: string, ipc: "ipc" | "ignore") =>
  spawn(process.execPath, [at(`apps/${app}/src/main.ts`)], { env, stdio: ["ignore", "inherit", "inherit", ipc] })
const server = start("server", "ipc")
const worker = start("worker", "ignore")
try {
  const [{ url }] = (await once(server, "message")) as [{ url: string }]
  const { database } = postgres
  const world = await seed(database)
  await sleep(3000)
  console.log(`${cpus()[0]?.model}, ${cpus().length} processors, Node ${process.version}`)
  console.log(`idle: server ${residentMiB(server).toFixed(0)} MiB, worker ${residentMiB(worker).toFixed(0)} MiB\n`)
  worker.kill("SIGTERM")
  const [token = ""] = world.tokens
  console.log(
    `| query (8 at a time, ${seconds} s each) | requests/s | p50 ms | p99 ms | server's processor ms |\n| --- | ---: | ---: | ---: | ---: |`,
  )
  for (const [name, query] of Object.entries(queries)) {
    const before = processorMs(server)
    const times = await askForAWhile(url, token, query, world)
    const figures = [times.length / seconds, percentile(times, 0.5), percentile(times, 0.99)].map((n) => n.toFixed(0))
    console.log(`| ${name} | ${figures.join(" | ")} | ${((processorMs(server) - before) / times.length).toFixed(1)} |`)
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
  console.log(
    `\n| events written | delivered/s to ${subscribers} subscribers | p50 ms | p99 ms | lost or doubled | processor µs each |\n| --- | ---: | ---: | ---: | ---: | ---: |`,
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
      `| ${label} | ${(sorted.length / took).toFixed(0)} | ${percentile(sorted, 0.5)} | ${percentile(sorted, 0.99)} | ${missing.length} | ${cost.toFixed(0)} |`,
    )
    await sleep(500)
  }
  clearInterval(alive)
  console.log(`\nserver after all this: ${residentMiB(server).toFixed(0)} MiB`)
} finally {
  for (const child of [server, worker]) {
    child.kill("SIGTERM")
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit")
  }
  await postgres.stop()
  rmSync(folder, { recursive: true, force: true })
}
process.exit(0)

import assert from "node:assert/strict"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { fileURLToPath } from "node:url"
import { startTestDatabase } from "../packages/db/src/testing.ts"
import { newModel } from "../packages/diffusion/src/index.ts"
import { startS3 } from "./chaos/s3.ts"
import { journey } from "./journey.ts"

const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))

async function end(process: ChildProcess) {
  if (process.exitCode !== null || process.signalCode !== null) return
  const exited = once(process, "exit")
  process.kill("SIGTERM")
  await exited
}

test("two servers and three workers, each with a folder of its own, are one studio on one Postgres and one S3 server", async () => {
  const folder = mkdtempSync(join(tmpdir(), "fjord-many-"))
  const [postgres, s3] = await Promise.all([startTestDatabase(), startS3()])
  const model = join(folder, "tiny")
  mkdirSync(model)
  await newModel("tiny", model, 1)
  const start = (app: "server" | "worker", place: string) =>
    spawn(process.execPath, [at(`apps/${app}/src/main.ts`)], {
      env: {
        ...process.env,
        DATABASE_URL: postgres.url,
        FJORD_DATA: join(folder, place),
        FJORD_SECRET: "a secret for tests, forty characters long",
        FJORD_LOG_LEVEL: process.env.FJORD_LOG_LEVEL ?? "warn",
        FJORD_THREADS: "1",
        FJORD_WORKER_NAME: place,
        PORT: "0",
        S3_ENDPOINT: s3.options.endpoint,
        S3_BUCKET: s3.options.bucket,
        S3_ACCESS_KEY_ID: s3.options.accessKeyId,
        S3_SECRET_ACCESS_KEY: s3.options.secretAccessKey,
        S3_REGION: s3.options.region,
      },
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    })
  const servers = ["server a", "server b"].map((place) => start("server", place))
  const workers = ["worker a", "worker b", "worker c"].map((place) => start("worker", place))
  try {
    const [first, second] = await Promise.all(
      servers.map(async (server) => {
        const [{ url }] = (await once(server, "message")) as [{ url: string }]
        return url
      }),
    )
    assert.ok(first !== undefined && second !== undefined && first !== second)
    const pictures = readdirSync(at("packages/starter/concept")).filter((name) => name.endsWith(".png"))
    const job = {
      model,
      steps: 3,
      resolution: 64,
      pictures: pictures.map((name) => at(`packages/starter/concept/${name}`)),
      email: "ada@example.org",
      password: "correct horse battery",
      say: () => {},
    }
    const one = await journey({ ...job, url: first })
    // The account, its team and what they share are known to the other server.
    const other = await journey({ ...job, url: second })
    assert.deepEqual(other.losses, one.losses)
    assert.ok(other.png.equals(one.png), "the same job has the same bytes on whichever processes it ran")
    assert.equal(await postgres.database.user.count(), 1)
    assert.equal(await postgres.database.worker.count({ where: { stoppedAt: null } }), 3)
  } finally {
    await Promise.all([...servers, ...workers].map(end))
    await Promise.all([postgres.stop(), s3.stop()])
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
})

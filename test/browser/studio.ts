/** A whole studio for the browser tests: Postgres, server with the built dashboard, worker, and a very small model. */

import { type ChildProcess, spawn } from "node:child_process"
import { mkdir, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Database } from "../../packages/db/src/index.ts"
import { startTestDatabase } from "../../packages/db/src/testing.ts"
import { newModel } from "../../packages/diffusion/src/index.ts"

export type Studio = {
  readonly url: string
  /** A folder with a model of random weights that trains and draws in seconds. */
  readonly tinyModel: string
  /** Its rows, and the folder of its files, for whoever fills it past the API. */
  readonly database: Database
  readonly filesFolder: string
  /** The server's process. */
  readonly serverPid: number | undefined
  stop(): Promise<void>
}

const script = (path: string) => fileURLToPath(new URL(`../../apps/${path}`, import.meta.url))

type StudioOptions = { readonly worker?: boolean; readonly env?: Readonly<Record<string, string>> }

export async function startStudio({ worker = true, env: more = {} }: StudioOptions = {}): Promise<Studio> {
  const folder = await mkdtemp(join(tmpdir(), "fjord-browser-"))
  const database = await startTestDatabase()
  const tinyModel = join(folder, "tiny")
  await mkdir(tinyModel)
  await newModel("tiny", tinyModel, 1)
  const env = {
    ...process.env,
    DATABASE_URL: database.url,
    FJORD_DATA: join(folder, "data"),
    PORT: "0",
    FJORD_THREADS: "1",
    FJORD_WORKER_NAME: "this machine",
    FJORD_SECRET: "a secret of the tests that is long enough",
    // Nobody listens there: no test asks the world.
    HF_ENDPOINT: "http://127.0.0.1:9",
    FJORD_LOG_LEVEL: process.env.FJORD_LOG_LEVEL ?? "error",
    NODE_ENV: "production",
    NEXT_TELEMETRY_DISABLED: "1",
    ...more,
  }
  const children: ChildProcess[] = []
  const start = (main: string) => {
    const child = spawn(process.execPath, [script(main)], { env, stdio: ["ignore", "inherit", "inherit", "ipc"] })
    children.push(child)
    return child
  }
  const killAll = () => {
    for (const child of children) child.kill("SIGKILL")
  }
  process.on("exit", killAll)
  const server = start("server/src/main.ts")
  const url = await new Promise<string>((resolve, reject) => {
    server.once("message", (message) => {
      if (typeof message === "object" && "url" in message) resolve(String(message.url))
    })
    server.once("exit", (code) => reject(new Error(`The server ended with ${code} before it was ready.`)))
  })
  if (worker) start("worker/src/main.ts")
  return {
    url,
    tinyModel,
    database: database.database,
    filesFolder: join(folder, "data/files"),
    serverPid: server.pid,
    async stop() {
      const ends = children.map(
        (child) => new Promise((resolve) => (child.exitCode === null ? child.once("exit", resolve) : resolve(0))),
      )
      for (const child of children) child.kill("SIGTERM")
      const late = setTimeout(killAll, 10_000)
      await Promise.all(ends)
      clearTimeout(late)
      process.off("exit", killAll)
      await database.stop()
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

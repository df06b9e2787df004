/** A studio for tests: a real Postgres, a file store, a tiny model, pictures, and worker processes that can be killed. */

import { type ChildProcess, spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { mkdir } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import type { TrainingRunOptions } from "@fjord/contracts"
import { announceRun, type Database, type FileStore, openFileStore, recordFile, type S3Options } from "@fjord/db"
import { startTestDatabase, type TestDatabase } from "@fjord/db/testing"
import { encodePng, newModel } from "@fjord/diffusion"
import { isTransient } from "./runRecorder.ts"

export type TestStudio = {
  readonly server: TestDatabase
  readonly database: Database
  readonly files: FileStore
  readonly folder: string
  readonly teamId: string
  readonly baseModelId: string
  readonly datasetVersionId: string
  /** @param databaseUrl by which way it reaches the database, if not straight */
  startWorker(databaseUrl?: string): ChildProcess
  /** Ends every worker with SIGKILL. */
  killWorkers(): Promise<void>
  stop(): Promise<void>
}

const workerMain = fileURLToPath(new URL("./main.ts", import.meta.url))

/** @param s3 where the files lie, if not in the studio's folder */
export async function startTestStudio(s3?: S3Options): Promise<TestStudio> {
  const folder = mkdtempSync(join(tmpdir(), "fjord-studio-"))
  const server = await startTestDatabase()
  const { database } = server
  const files = await openFileStore({ folder: join(folder, "files"), ...(s3 !== undefined && { s3 }) })
  const model = join(folder, "model")
  await mkdir(model)
  await newModel("tiny", model, 1)
  const team = await database.team.create({ data: { name: "tests" } })
  const dataset = await database.dataset.create({ data: { teamId: team.id, name: "toy" } })
  const manifest = []
  for (let i = 0; i < 3; i++) {
    const rgb = Uint8Array.from({ length: 72 * 72 * 3 }, (_, j) => (j * (i + 3)) % 251)
    const file = await files.put(await encodePng({ width: 72, height: 72, rgb }))
    await recordFile(database, files, { ...file, mediaType: "image/png" }, team.id)
    manifest.push({ hash: file.hash, name: `${i}.png`, caption: "" })
  }
  const hash = createHash("sha256").update(JSON.stringify(manifest)).digest("hex")
  const version = await database.datasetVersion.create({ data: { datasetId: dataset.id, number: 1, hash, manifest } })
  const baseModel = await database.baseModel.create({
    data: { teamId: team.id, name: "tiny", source: "FOLDER", location: model, revision: "" },
  })
  let started = 0
  const workers = new Set<ChildProcess>()
  const killAll = () => {
    for (const worker of workers) worker.kill("SIGKILL")
  }
  const killWorkers = async () => {
    const ends = [...workers].map((worker) => ended(worker))
    killAll()
    await Promise.all(ends)
  }
  process.on("exit", killAll)
  return {
    server,
    database,
    files,
    folder,
    teamId: team.id,
    baseModelId: baseModel.id,
    datasetVersionId: version.id,
    startWorker(databaseUrl = server.url) {
      const env = {
        ...process.env,
        DATABASE_URL: databaseUrl,
        FJORD_DATA: folder,
        FJORD_WORKER_NAME: `worker ${++started}`,
        FJORD_THREADS: "1",
        ...(s3 !== undefined && {
          S3_ENDPOINT: s3.endpoint,
          S3_BUCKET: s3.bucket,
          S3_ACCESS_KEY_ID: s3.accessKeyId,
          S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
          S3_REGION: s3.region,
        }),
        FJORD_LOG_LEVEL: process.env.FJORD_LOG_LEVEL ?? "silent",
      }
      const execArgv = ["--disable-warning=ExperimentalWarning"]
      const worker = spawn(process.execPath, [...execArgv, workerMain], {
        env,
        stdio: ["ignore", "inherit", "inherit"],
      })
      workers.add(worker)
      worker.on("exit", () => workers.delete(worker))
      return worker
    },
    killWorkers,
    async stop() {
      await killWorkers()
      process.off("exit", killAll)
      await server.stop()
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

export const ended = (process: ChildProcess) =>
  new Promise<void>((resolve) => {
    if (process.exitCode !== null || process.signalCode !== null) resolve()
    else process.once("exit", () => resolve())
  })

export async function queueTraining(studio: TestStudio, options: Partial<TrainingRunOptions> = {}): Promise<string> {
  const { database, teamId, baseModelId, datasetVersionId } = studio
  const run = await database.run.create({
    data: {
      teamId,
      baseModelId,
      datasetVersionId,
      kind: "TRAINING",
      name: "toy",
      config: {
        options: {
          instancePrompt: "a photo of sks toy",
          resolution: 64,
          maxTrainSteps: 8,
          checkpointingSteps: 2,
          validationInferenceSteps: 2,
          validationScheduler: "ddim",
          learningRate: 1e-3,
          ...options,
        },
      },
    },
  })
  await announceRun(database)
  return run.id
}

/** Asks again where the database could not be asked: tests restart it. */
export async function patiently<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (!isTransient(error)) throw error
      await sleep(100)
    }
  }
}

const untilMinutes = 10

/** Waits until `look` gives something; @throws after so long that it will not come on the slowest machine. */
export async function until<Found>(look: () => Promise<Found | null | undefined | false>): Promise<Found> {
  for (const began = performance.now(); performance.now() - began < untilMinutes * 60_000; ) {
    const found = await patiently(look)
    if (found) return found
    await sleep(100)
  }
  throw new Error(`What was waited for did not come within ${untilMinutes} minutes.`)
}

/** Waits for the end of a run, as long as it takes on a busy machine; @throws where it says nothing for so long that it is stuck. */
export async function runEnds(studio: TestStudio, id: string) {
  for (let seen = -1; ; ) {
    const run = await until(async () => {
      const row = await studio.database.run.findUniqueOrThrow({ where: { id } })
      return (hasEnded(row.status) || row.lastSeq > seen) && row
    })
    if (hasEnded(run.status)) return run
    seen = run.lastSeq
  }
}

const hasEnded = (status: string) => ["SUCCEEDED", "FAILED", "CANCELLED"].includes(status)

/** The files of the model that a training has left, by path. */
export async function resultOf(studio: TestStudio, runId: string): Promise<Record<string, string>> {
  const files = await studio.database.modelFile.findMany({ where: { model: { runId } }, orderBy: { path: "asc" } })
  return Object.fromEntries(files.map(({ path, hash }) => [path, hash]))
}

/** What can befall a running training; each does its harm to the run `id` and returns when it is done. */

import type { ChildProcess } from "node:child_process"
import { setTimeout as sleep } from "node:timers/promises"
import { childrenOf, ended, type TestStudio, until } from "../../apps/worker/src/testStudio.fixture.ts"
import { requestCancel, requeueRun } from "../../packages/db/src/index.ts"

export type Scene = {
  readonly studio: TestStudio
  readonly id: string
  /** The workers that live, by process id. */
  readonly workers: Map<number, ChildProcess>
}

/** The worker that owns the run, if one does. */
async function ownerOf({ studio, id, workers }: Scene): Promise<ChildProcess | undefined> {
  const run = await studio.database.run.findUniqueOrThrow({ where: { id }, include: { worker: true } })
  return run.status === "RUNNING" && run.worker !== null ? workers.get(run.worker.pid) : undefined
}

async function kill(process: ChildProcess) {
  process.kill("SIGKILL")
  await ended(process)
}

const killPid = (pid: number) => {
  try {
    process.kill(pid, "SIGKILL")
  } catch {
    // It has ended by itself.
  }
}

export const faults = {
  "worker and its child killed": async (scene) => {
    const owner = await ownerOf(scene)
    if (owner === undefined) return
    const children = childrenOf(owner)
    await kill(owner)
    for (const child of children) killPid(child)
  },
  "worker killed, its child not": async (scene) => {
    const owner = await ownerOf(scene)
    if (owner !== undefined) await kill(owner)
  },
  "child killed": async (scene) => {
    const owner = await ownerOf(scene)
    if (owner !== undefined) for (const child of childrenOf(owner)) killPid(child)
  },
  "worker told to end": async (scene) => {
    const owner = await ownerOf(scene)
    owner?.kill("SIGTERM")
    if (owner !== undefined) await ended(owner)
  },
  "worker frozen until others took over": async (scene) => {
    const owner = await ownerOf(scene)
    if (owner === undefined) return
    const { studio, id } = scene
    const { attempt } = await studio.database.run.findUniqueOrThrow({ where: { id } })
    owner.kill("SIGSTOP")
    // Its child goes on computing, as it does where only the network is cut.
    await until(async () => {
      const run = await studio.database.run.findUniqueOrThrow({ where: { id } })
      return run.attempt > attempt || run.status !== "RUNNING"
    })
    owner.kill("SIGCONT")
  },
  "database restarted": async ({ studio }) => {
    await studio.server.restart()
  },
  "cancelled and resumed": async ({ studio, id }) => {
    if (!(await requestCancel(studio.database, id))) return
    const status = await until(async () => {
      const run = await studio.database.run.findUniqueOrThrow({ where: { id } })
      return run.status !== "QUEUED" && run.status !== "RUNNING" && run.status
    })
    await sleep(50)
    if (status === "CANCELLED") await requeueRun(studio.database, id)
  },
} satisfies Record<string, (scene: Scene) => Promise<void>>

export type Fault = keyof typeof faults
export const faultNames = Object.keys(faults) as Fault[]

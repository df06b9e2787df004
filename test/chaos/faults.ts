/** What can befall a running training; each does its harm to the run `id` and returns when it is done. */

import type { ChildProcess } from "node:child_process"
import { setTimeout as sleep } from "node:timers/promises"
import type { Network } from "../../apps/worker/src/network.fixture.ts"
import { ended, patiently, type TestStudio, until } from "../../apps/worker/src/testStudio.fixture.ts"
import { requestCancel, requeueRun } from "../../packages/db/src/index.ts"
import { childrenOf } from "../orphans.ts"

export type Scene = {
  readonly studio: TestStudio
  readonly id: string
  /** The workers that live, by process id, each with its way to the database. */
  readonly workers: ReadonlyMap<number, ChaosWorker>
}

export type ChaosWorker = { readonly process: ChildProcess; readonly network: Network }

/** The worker that owns the run, if one does. */
async function ownerOf({ studio, id, workers }: Scene): Promise<ChaosWorker | undefined> {
  const run = await patiently(() => studio.database.run.findUniqueOrThrow({ where: { id }, include: { worker: true } }))
  return run.status === "RUNNING" && run.worker !== null ? workers.get(run.worker.pid) : undefined
}

async function kill({ process }: ChaosWorker) {
  process.kill("SIGKILL")
  await ended(process)
}

/** Does its harm to the run's owner, waits until the run is another's or has ended, and undoes it. */
async function untilTakenOver(scene: Scene, harm: (owner: ChaosWorker) => void, undo: (owner: ChaosWorker) => void) {
  const owner = await ownerOf(scene)
  if (owner === undefined) return
  const { studio, id } = scene
  const look = () => studio.database.run.findUniqueOrThrow({ where: { id } })
  const { attempt } = await patiently(look)
  harm(owner)
  try {
    await until(async () => {
      const run = await look()
      return run.attempt > attempt || run.status !== "RUNNING"
    })
  } finally {
    undo(owner)
  }
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
    const children = childrenOf(owner.process)
    await kill(owner)
    for (const child of children) killPid(child)
  },
  "worker killed, its child not": async (scene) => {
    const owner = await ownerOf(scene)
    if (owner !== undefined) await kill(owner)
  },
  "child killed": async (scene) => {
    const owner = await ownerOf(scene)
    if (owner !== undefined) for (const child of childrenOf(owner.process)) killPid(child)
  },
  "worker told to end": async (scene) => {
    const owner = await ownerOf(scene)
    owner?.process.kill("SIGTERM")
    if (owner !== undefined) await ended(owner.process)
  },
  // Its child goes on computing until it has something to hand over.
  "worker frozen until others took over": (scene) =>
    untilTakenOver(
      scene,
      ({ process }) => process.kill("SIGSTOP"),
      ({ process }) => process.kill("SIGCONT"),
    ),
  "network cut until others took over": (scene) =>
    untilTakenOver(
      scene,
      ({ network }) => network.cut(),
      ({ network }) => network.mend(),
    ),
  "database restarted": async ({ studio }) => {
    await studio.server.restart()
  },
  "cancelled and resumed": async ({ studio, id }) => {
    if (!(await patiently(() => requestCancel(studio.database, id)))) return
    const status = await until(async () => {
      const run = await studio.database.run.findUniqueOrThrow({ where: { id } })
      return run.status !== "QUEUED" && run.status !== "RUNNING" && run.status
    })
    await sleep(50)
    if (status === "CANCELLED") await patiently(() => requeueRun(studio.database, id))
  },
} satisfies Record<string, (scene: Scene) => Promise<void>>

export type Fault = keyof typeof faults
export const faultNames = Object.keys(faults) as Fault[]

/** Signs of life, as facts rather than as a status. */

/** A worker gives a sign every 2 seconds; after 15 it counts as gone. */
const aliveMs = 15_000

const fresh = (heartbeatAt: Date | null) => heartbeatAt !== null && Date.now() - heartbeatAt.getTime() < aliveMs

export const isAlive = (run: { status: string; heartbeatAt: Date | null }) =>
  run.status === "RUNNING" && fresh(run.heartbeatAt)

export const workerAlive = (worker: { stoppedAt: Date | null; heartbeatAt: Date }) =>
  worker.stoppedAt === null && fresh(worker.heartbeatAt)

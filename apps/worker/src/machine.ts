/** What this worker computes on. */

import { statfs } from "node:fs/promises"
import { availableParallelism, cpus, freemem, hostname, totalmem } from "node:os"
import type { WorkerInfo } from "@fjord/db"
import { listProviders } from "@fjord/engine"
import manifest from "../package.json" with { type: "json" }
import type { Environment } from "./environment.ts"

/** A container may have less than the machine. */
const memoryOf = () => Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY)

/** What is free at this moment, of memory and of the disk on which runs are computed. */
export async function roomOf({ data }: Environment) {
  const { bavail, bsize } = await statfs(data)
  return { freeMemoryBytes: Math.min(freemem(), memoryOf()), freeDiskBytes: bavail * bsize }
}

export async function machine(environment: Environment): Promise<WorkerInfo> {
  const { workerName, threads } = environment
  const memoryBytes = memoryOf()
  return {
    name: workerName,
    host: hostname(),
    pid: process.pid,
    version: manifest.version,
    provider: "cpu",
    threads,
    memoryBytes,
    device: {
      platform: `${process.platform} ${process.arch}`,
      node: process.version,
      processor: cpus()[0]?.model.trim() ?? "unknown",
      cores: availableParallelism(),
      ...(await roomOf(environment)),
      providers: listProviders().map(({ name }) => name),
    },
  }
}

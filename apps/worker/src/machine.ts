/** What this worker computes on. */

import { availableParallelism, cpus, freemem, hostname, totalmem } from "node:os"
import type { WorkerInfo } from "@fjord/db"
import { listProviders } from "@fjord/engine"
import manifest from "../package.json" with { type: "json" }
import type { Environment } from "./environment.ts"

export function machine({ workerName, threads }: Environment): WorkerInfo {
  // A container may have less than the machine.
  const memoryBytes = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY)
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
      freeBytes: Math.min(freemem(), memoryBytes),
      providers: listProviders().map(({ name }) => name),
    },
  }
}

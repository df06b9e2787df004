/** `fjord doctor`: what this machine can do. */

import { statfs } from "node:fs/promises"
import { availableParallelism, cpus, freemem, totalmem } from "node:os"
import { formatBytes } from "../progress.ts"

/** Prints what a person reads; with `--json` one object for the machine and one for each job. */
export async function doctor({ json }: { readonly json: boolean }): Promise<void> {
  const { listProviders } = await import("@fjord/engine")
  const { whatFits } = await import("@fjord/diffusion")
  const disk = await statfs(process.cwd())
  const total = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY)
  const providers = listProviders().map(({ name }) => name)
  const judged = whatFits(total)
  if (json) {
    const machine = {
      type: "Machine",
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      processor: cpus()[0]?.model.trim() ?? null,
      threads: availableParallelism(),
      memoryBytes: total,
      freeMemoryBytes: Math.min(freemem(), total),
      freeDiskBytes: disk.bavail * disk.bsize,
      providers,
      provider: "cpu",
    }
    const events = [machine, ...judged.map((job) => ({ type: "Job", ...job }))]
    process.stdout.write(events.map((event) => `${JSON.stringify(event)}\n`).join(""))
    return
  }
  const lines = [
    `Node         ${process.version} on ${process.platform} ${process.arch}`,
    `Processor    ${cpus()[0]?.model.trim() ?? "unknown"}, ${availableParallelism()} threads`,
    `Memory       ${formatBytes(total)}, ${formatBytes(Math.min(freemem(), total))} free`,
    `Disk         ${formatBytes(disk.bavail * disk.bsize)} free in ${process.cwd()}`,
    `Providers    ${providers.join(", ")} (ONNX Runtime has them; Fjord computes on cpu)`,
    "GPU          not used: Fjord has no lowering of its operators for a GPU provider yet.",
    "",
    ...judged.map(({ job, bytes, can }) => `${can ? "can" : "cannot"}  ${job} (about ${formatBytes(bytes)})`),
  ]
  process.stdout.write(`${lines.join("\n")}\n`)
}

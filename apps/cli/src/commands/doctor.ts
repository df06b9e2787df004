/** `fjord doctor`: what this machine can do. */

import { statfs } from "node:fs/promises"
import { availableParallelism, cpus, freemem, totalmem } from "node:os"
import { formatBytes } from "../progress.ts"

/** Peak memory of the jobs on SD 1.5 at 512 x 512, as the engine's targets state it. */
const jobs = [
  { job: "generate with SD 1.5", bytes: 5e9 },
  { job: "train a LoRA on SD 1.5", bytes: 6e9 },
  { job: "train the full UNet of SD 1.5 with use_8bit_adam", bytes: 14e9 },
  { job: "train the full UNet of SD 1.5", bytes: 20e9 },
]

export async function doctor(): Promise<void> {
  const { listProviders } = await import("@fjord/engine")
  const disk = await statfs(process.cwd())
  const total = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY)
  const lines = [
    `Node         ${process.version} on ${process.platform} ${process.arch}`,
    `Processor    ${cpus()[0]?.model.trim() ?? "unknown"}, ${availableParallelism()} threads`,
    `Memory       ${formatBytes(total)}, ${formatBytes(Math.min(freemem(), total))} free`,
    `Disk         ${formatBytes(disk.bavail * disk.bsize)} free in ${process.cwd()}`,
    `Providers    ${listProviders()
      .map(({ name }) => name)
      .join(", ")} (ONNX Runtime has them; Fjord computes on cpu)`,
    "GPU          not used: Fjord has no lowering of its operators for a GPU provider yet.",
    "",
    ...jobs.map(({ job, bytes }) => `${total >= bytes ? "can" : "cannot"}  ${job} (about ${formatBytes(bytes)})`),
  ]
  process.stdout.write(`${lines.join("\n")}\n`)
}

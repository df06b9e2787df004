/** `fjord doctor`: what this machine can do. */

import { statfs } from "node:fs/promises"
import { availableParallelism, cpus, freemem, totalmem } from "node:os"
import { formatBytes } from "../progress.ts"

/** Peak measured with guidance, 512 x 512; bench/README.md. */
const generation = { job: "generate with SD 1.5", bytes: 4.42e9 }

/** Training of SD 1.5 at 512 x 512, in the mode that takes least memory unless said otherwise. */
const trainings = [
  { job: "train a LoRA on SD 1.5", method: "lora", use8bitAdam: false, mode: "recompute" },
  { job: "train a LoRA on SD 1.5 with memory_mode: save", method: "lora", use8bitAdam: false, mode: "save" },
  { job: "train the full UNet of SD 1.5 with use_8bit_adam", method: "full", use8bitAdam: true, mode: "recompute" },
  { job: "train the full UNet of SD 1.5", method: "full", use8bitAdam: false, mode: "recompute" },
] as const

/** Prints what a person reads; with `--json` one object for the machine and one for each job. */
export async function doctor({ json }: { readonly json: boolean }): Promise<void> {
  const { listProviders } = await import("@fjord/engine")
  const { planTrainingMemory, sd15Unet } = await import("@fjord/diffusion")
  const jobs = [
    generation,
    ...trainings.map(({ job, ...planned }) => ({
      job,
      bytes: planTrainingMemory(sd15Unet, { ...planned, latentSide: 64 }).total,
    })),
  ]
  const disk = await statfs(process.cwd())
  const total = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY)
  const providers = listProviders().map(({ name }) => name)
  // A tenth stays free, as training wants it.
  const judged = jobs.map(({ job, bytes }) => ({ job, bytes, can: 0.9 * total >= bytes }))
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

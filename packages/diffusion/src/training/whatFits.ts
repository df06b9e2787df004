/** Which of the usual jobs a machine's memory holds: what `fjord doctor` and every worker say of it. */

import { planTrainingMemory, sd15Unet } from "./plannedMemory.ts"

export type JudgedJob = {
  readonly job: string
  readonly bytes: number
  /** A tenth of the memory stays free, as training wants it. */
  readonly can: boolean
}

/** Peak measured with guidance, 512 x 512; bench/README.md. */
const generation = { job: "generate with SD 1.5", bytes: 4.42e9 }

/** Training of SD 1.5 at 512 x 512, in the mode that takes least memory unless said otherwise. */
const trainings = [
  { job: "train a LoRA on SD 1.5", method: "lora", use8bitAdam: false, mode: "recompute" },
  { job: "train a LoRA on SD 1.5 with memory_mode: save", method: "lora", use8bitAdam: false, mode: "save" },
  { job: "train the full UNet of SD 1.5 with use_8bit_adam", method: "full", use8bitAdam: true, mode: "recompute" },
  { job: "train the full UNet of SD 1.5", method: "full", use8bitAdam: false, mode: "recompute" },
] as const

export function whatFits(memoryBytes: number): JudgedJob[] {
  const jobs = [
    generation,
    ...trainings.map(({ job, ...planned }) => ({
      job,
      bytes: planTrainingMemory(sd15Unet, { ...planned, latentSide: 64 }).total,
    })),
  ]
  return jobs.map(({ job, bytes }) => ({ job, bytes, can: 0.9 * memoryBytes >= bytes }))
}

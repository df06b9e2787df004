/** The learning rate schedules against diffusers' get_scheduler. */
import { existsSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { learningRateAt, learningRateSchedules } from "../../packages/engine/src/optimisers/learningRate.ts"
import { type ParityCase, relativeError } from "./case.ts"

interface Schedules {
  readonly base_lr: number
  readonly num_warmup_steps: number
  readonly num_training_steps: number
  readonly num_cycles: number
  readonly power: number
  readonly lr_used_at_step: Readonly<Record<string, readonly number[]>>
}

export async function* learningRate(directory: string): AsyncGenerator<ParityCase> {
  const path = join(directory, "training", "lr_schedules.json")
  if (!existsSync(path)) return
  const golden: Schedules = JSON.parse(await readFile(path, "utf8"))
  for (const [key, expected] of Object.entries(golden.lr_used_at_step)) {
    const name = learningRateSchedules.find((known) => known === key)
    if (!name) {
      yield { name: `learning rate ${key}`, skipped: "this schedule is not implemented" }
      continue
    }
    const schedule = {
      name,
      learningRate: golden.base_lr,
      warmupSteps: golden.num_warmup_steps,
      trainingSteps: golden.num_training_steps,
      cycles: golden.num_cycles,
      power: golden.power,
    }
    const actual = expected.map((_, step) => learningRateAt(schedule, step))
    // Float64 on both sides: what differs is the last digit of cos and pow.
    yield { name: `learning rate ${key}`, error: relativeError(actual, expected), tolerance: 1e-14 }
  }
}

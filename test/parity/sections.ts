/** Every section of the parity run, in the order in which it makes sense to read them. */

import { adamW8bit } from "./adamW8bit.ts"
import { attempt, type ParitySection } from "./case.ts"
import { endToEnd } from "./endToEnd.ts"
import { gradients } from "./gradients.ts"
import { absent, unread } from "./layout.ts"
import { learningRate } from "./learningRate.ts"
import { loraEffect } from "./loraEffect.ts"
import { loraFiles } from "./loraFiles.ts"
import { referenceLoop } from "./referenceLoop.ts"
import { rng } from "./rng.ts"
import { schedulers } from "./schedulers.ts"
import { textEncoder } from "./textEncoder.ts"
import { tokenizer } from "./tokenizer.ts"
import { training } from "./training.ts"
import { unet } from "./unet.ts"
import { vae } from "./vae.ts"
import { weightNames } from "./weightNames.ts"

const sections: Readonly<Record<string, ParitySection>> = {
  rng,
  schedulers,
  tokenizer,
  textEncoder,
  vae,
  unet,
  weightNames,
  loraFiles,
  learningRate,
  adamW8bit,
  endToEnd,
  gradients,
  training,
  referenceLoop,
  loraEffect,
  absent,
  unread,
}

export const sectionNames: readonly string[] = Object.keys(sections)

export type Outcome = "passed" | "failed" | "skipped"

export interface ParityResult {
  readonly section: string
  readonly outcome: Outcome
  /** One line for a person. */
  readonly line: string
}

/** Runs the named sections (all of them by default) over reference data. */
export async function* runParity(directory: string, wanted = sectionNames): AsyncGenerator<ParityResult> {
  for (const section of wanted) {
    const run = sections[section]
    if (!run) throw new Error(`There is no parity section ${section}; there are ${sectionNames.join(", ")}.`)
    for await (const parityCase of attempt(section, () => run(directory))) {
      const { name } = parityCase
      if ("skipped" in parityCase)
        yield { section, outcome: "skipped", line: `${section}  ${name}  skipped: ${parityCase.skipped}` }
      else if ("stopped" in parityCase)
        yield { section, outcome: "failed", line: `${section}  ${name}  stopped: ${parityCase.stopped}  FAIL` }
      else {
        const { error, tolerance } = parityCase
        // A NaN compares false and so fails.
        const ok = error <= tolerance
        const figures = `error ${shown(error)} tolerance ${shown(tolerance)}`
        yield {
          section,
          outcome: ok ? "passed" : "failed",
          line: `${section}  ${name}  ${figures}  ${ok ? "ok" : "FAIL"}`,
        }
      }
    }
  }
}

function shown(value: number): string {
  return Number.isInteger(value) ? `${value}` : value.toExponential(2)
}

/** `fjord demo`: DreamBooth from end to end on what ships with Fjord. */

import { existsSync, readdirSync } from "node:fs"
import { createProgress } from "../progress.ts"
import { requireWritable } from "../requireWritable.ts"
import { Sentence } from "../sentence.ts"
import { interruptedStatus, untilInterrupted } from "../stopping.ts"

type DemoFlags = { readonly out: string; readonly threads?: string; readonly json: boolean }

/** Trains the shipped model on the sample concept and writes a contact sheet. */
export async function demo(flags: DemoFlags): Promise<void> {
  const threads = Number(flags.threads ?? 0)
  if (!Number.isSafeInteger(threads) || threads < 0)
    throw new Sentence(`fjord demo: --threads must be a whole number, got ${flags.threads}.`)
  if (existsSync(flags.out) && readdirSync(flags.out).length > 0)
    throw new Sentence(`${flags.out} is not empty; choose another folder with --out, or move it away.`)
  requireWritable(flags.out, "choose another place with --out")
  const starter = await import("@fjord/starter")
  const show = createProgress(process.stdout, flags)
  const interrupted = await untilInterrupted(async (signal) => {
    for await (const event of starter.demo({ out: flags.out, threads, signal })) show(event)
  }, "Stopping; Ctrl-C again stops at once.")
  if (interrupted) process.exitCode = interruptedStatus
}

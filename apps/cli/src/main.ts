/** The `fjord` command. */

import { CommanderError } from "commander"
import { debug } from "./environment.ts"
import { program } from "./program.ts"

/** One readable sentence; the stack only for those who ask for it. */
function report(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error)
  const sentence = message.includes("ENOSPC")
    ? `The disk is full; free some space and try again, a training run with --resume (${message}).`
    : message
  process.stderr.write(`${sentence}\n`)
  if (debug && error instanceof Error) process.stderr.write(`${error.stack}\n`)
}

try {
  await program.parseAsync()
} catch (error) {
  // Commander has printed its own message already.
  if (!(error instanceof CommanderError)) report(error)
  process.exitCode = error instanceof CommanderError ? error.exitCode : 1
}

/** The last line of a command that makes one thing: a sentence, or with `--json` an event for programs. */

import type { Screen } from "./progress.ts"

interface WrittenEvent {
  readonly type: "Written"
  readonly path: string
}

export function sayWritten(
  path: string,
  sentence: string,
  { json }: { readonly json: boolean },
  screen: Screen = process.stdout,
): void {
  const event: WrittenEvent = { type: "Written", path }
  screen.write(`${json ? JSON.stringify(event) : sentence}\n`)
}

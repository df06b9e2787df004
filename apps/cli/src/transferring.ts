/** What import, export and merge have in common: progress in bytes, notes, the last line, Ctrl-C. */

import type { TransferOptions, TransferProgress, TransferResult, WeightType } from "@fjord/diffusion"
import { formatBytes, type Screen } from "./progress.ts"
import { Sentence } from "./sentence.ts"
import { interruptedStatus, untilInterrupted } from "./stopping.ts"
import { sayWritten } from "./written.ts"

/** One JSON object for each, where JSON is asked for. */
type TransferEvent =
  | ({ readonly type: "Progress" } & TransferProgress)
  | { readonly type: "Message"; readonly level: "info"; readonly text: string }

/** Runs a conversion and says what it does; nothing half-written is left behind when Ctrl-C stops it. */
export async function runTransfer(
  work: (options: TransferOptions) => Promise<TransferResult>,
  { json }: { readonly json: boolean },
  screen: Screen = process.stdout,
): Promise<void> {
  const say = (event: TransferEvent) => void screen.write(`${JSON.stringify(event)}\n`)
  let shown = ""
  const onProgress = (progress: TransferProgress) => {
    const { file, doneBytes, totalBytes } = progress
    const percent = totalBytes === 0 ? 100 : Math.floor((100 * doneBytes) / totalBytes)
    // A line for each per cent, not for each piece.
    if (shown === `${file} ${percent}`) return
    shown = `${file} ${percent}`
    if (json) say({ type: "Progress", ...progress })
    else if (screen.isTTY === true) screen.write(`\r${percent} % of ${formatBytes(totalBytes)}  ${file}\u001b[K`)
  }
  const interrupted = await untilInterrupted(async (signal) => {
    const { output, notes } = await work({ onProgress, signal })
    if (!json && screen.isTTY === true) screen.write("\r\u001b[K")
    for (const text of notes) {
      if (json) say({ type: "Message", level: "info", text })
      else screen.write(`${text}\n`)
    }
    sayWritten(output, `Written: ${output}`, { json }, screen)
  }, "Stopping; nothing is left behind.")
  if (interrupted) process.exitCode = interruptedStatus
}

const weightTypes: Readonly<Record<string, WeightType>> = { float32: "F32", float16: "F16", bfloat16: "BF16" }

/** @throws Sentence for a name that is no type of weights. */
export function parseDataType(name: string | undefined): WeightType | undefined {
  if (name === undefined) return undefined
  const type = weightTypes[name]
  if (type !== undefined) return type
  throw new Sentence(`--dtype must be one of ${Object.keys(weightTypes).join(", ")}, got ${name}.`)
}

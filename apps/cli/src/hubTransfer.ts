/** Shows what a transfer from or to the Hub does: a bar on a terminal, lines elsewhere, JSON when asked. */

import type { TransferEvent } from "@fjord/hub"
import { bar, formatBytes, type Screen } from "./progress.ts"

/** Lines of progress in a log file: one for each tenth. */
const tenths = 10

/** Returns the function to call with each event. */
export function createTransferProgress(
  screen: Screen,
  { json }: { readonly json: boolean },
): (event: TransferEvent) => void {
  let shown = ""
  let barStands = false
  const line = (text: string) => {
    screen.write(`${barStands ? "\r\u001b[K" : ""}${text}\n`)
    barStands = false
  }
  return (event) => {
    if (event.type === "BytesTransferred" || event.type === "FilesHashed") {
      const { file, bytes, totalBytes } = event
      const steps = json || screen.isTTY === true ? 100 : tenths
      const step = totalBytes === 0 ? steps : Math.floor((bytes / totalBytes) * steps)
      // One line for each step, not for each piece.
      const key = `${event.type} ${event.type === "FilesHashed" ? file : ""} ${step}`
      if (key === shown) return
      shown = key
      if (json) screen.write(`${JSON.stringify(event)}\n`)
      else if (screen.isTTY === true) {
        const what = event.type === "FilesHashed" ? "hashing" : "moving"
        const text = `${what} ${bar(bytes, totalBytes)} ${formatBytes(bytes)}/${formatBytes(totalBytes)}  ${file}`
        screen.write(`\r${text.slice(0, Math.max(20, (screen.columns ?? 80) - 1))}\u001b[K`)
        barStands = true
      } else if (event.type === "BytesTransferred") line(`${formatBytes(bytes)} of ${formatBytes(totalBytes)}`)
      return
    }
    if (json) return void screen.write(`${JSON.stringify(event)}\n`)
    if (event.type === "TransferStarted") line(`${event.files} files, ${formatBytes(event.totalBytes)}.`)
    if (event.type === "Retrying") line(`${event.reason} Trying again in ${Math.ceil(event.waitSeconds)} s.`)
    if (event.type === "TransferFinished" && barStands) line("")
  }
}

/** How much memory this process holds, and how much at most it has held. */

import { readFileSync } from "node:fs"

export function residentMemory(): { readonly residentBytes: number; readonly peakBytes: number } {
  // maxRSS is in kilobytes; Linux' own figure of a child started by fork counts the parent's, so /proc is asked first.
  let peakBytes = process.resourceUsage().maxRSS * 1024
  try {
    const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))
    if (line) peakBytes = Number(line[1]) * 1024
  } catch {
    // Not Linux.
  }
  return { residentBytes: process.memoryUsage.rss(), peakBytes }
}

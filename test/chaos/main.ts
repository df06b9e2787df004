/** `npm run chaos -- --trials N [--minutes N] [--at-once N] [--workers N] [--seed N] [--s3]`: ends with a table of what was tried and lost. */

import { parseArgs } from "node:util"
import { type Report, runChaos } from "./chaos.ts"
import { startS3 } from "./s3.ts"

const { values } = parseArgs({
  options: {
    trials: { type: "string", default: "70" },
    minutes: { type: "string" },
    "at-once": { type: "string", default: "3" },
    workers: { type: "string", default: "4" },
    seed: { type: "string", default: "1" },
    s3: { type: "boolean", default: false },
  },
})

function table({ byFault, orphans, longestSilence }: Report): string {
  const head = ["fault", "trials", "taken up", "lost events", "doubled", "wrong bytes", "stuck"]
  const rows = [...byFault].map(([fault, tally]) => [fault, ...Object.values(tally).map(String)])
  const sums = [...byFault.values()].reduce((sum, tally) => Object.values(tally).map((n, i) => n + (sum[i] ?? 0)), [0])
  rows.push(["all", ...sums.map(String)])
  const widths = head.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("  ")
  const seconds = longestSilence.toFixed(1)
  return [
    line(head),
    ...rows.map(line),
    "",
    `Files without a row or rows without a file: ${orphans}`,
    `Longest time that a run showed RUNNING without a sign of life: ${seconds} s (15 s allowed)`,
  ].join("\n")
}

const s3 = values.s3 ? await startS3() : undefined
const began = performance.now()
const report = await runChaos({
  trials: Number(values.trials),
  ...(values.minutes !== undefined && { minutes: Number(values.minutes) }),
  atOnce: Number(values["at-once"]),
  workers: Number(values.workers),
  seed: Number(values.seed),
  ...(s3 !== undefined && { s3: s3.options }),
  say: (sentence) => console.error(sentence),
})
await s3?.stop()
for (const problem of report.problems) console.log(problem)
const took = Math.round((performance.now() - began) / 1000)
console.log(`${table(report)}\n${took} s, ${values.workers} workers, ${values["at-once"]} trials at once`)
process.exit(report.problems.length === 0 ? 0 : 1)

/** The log of a training: one line of JSON per interval of steps, appended, so that a continued training goes on with it. */

import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises"
import { dirname } from "node:path"
import { z } from "zod"

const entry = z.object({
  step: z.int(),
  /** Means over the interval. */
  loss: z.number(),
  values: z.record(z.string(), z.number()),
  secondsPerStep: z.number(),
})

export type LogEntry = z.infer<typeof entry>

/** Entries of a log file; none where there is no file. A line cut short by a kill is left out. */
export async function readLog(file: string): Promise<LogEntry[]> {
  const text = await readFile(file, "utf8").catch(() => "")
  return text.split("\n").flatMap((line) => {
    try {
      return [entry.parse(JSON.parse(line))]
    } catch {
      return []
    }
  })
}

/** Collects what steps report and writes their means every `interval` steps. */
export class Log {
  readonly #file: string
  readonly #interval: number
  readonly #sums = new Map<string, number>()
  #count = 0
  #since = performance.now()

  constructor(file: string, interval: number) {
    this.#file = file
    this.#interval = interval
  }

  /** Forgets what lies after `step`: it is about to be computed again. */
  async cutAfter(step: number): Promise<void> {
    const kept = (await readLog(this.#file)).filter((entry) => entry.step <= step)
    await mkdir(dirname(this.#file), { recursive: true })
    await writeFile(this.#file, kept.map((entry) => `${JSON.stringify(entry)}\n`).join(""))
  }

  /** Returns the entry where one was written. */
  async add(step: number, reported: ReadonlyMap<string, number>): Promise<LogEntry | undefined> {
    for (const [name, value] of reported) this.#sums.set(name, (this.#sums.get(name) ?? 0) + value)
    this.#count++
    if (step % this.#interval !== 0) return undefined
    const mean = (sum: number) => Number((sum / this.#count).toPrecision(5))
    const { loss = 0, ...values } = Object.fromEntries([...this.#sums].map(([name, sum]) => [name, mean(sum)]))
    const seconds = (performance.now() - this.#since) / 1000 / this.#count
    const line = { step, loss, values, secondsPerStep: Number(seconds.toPrecision(3)) }
    await appendFile(this.#file, `${JSON.stringify(line)}\n`)
    this.#sums.clear()
    this.#count = 0
    this.#since = performance.now()
    return line
  }
}

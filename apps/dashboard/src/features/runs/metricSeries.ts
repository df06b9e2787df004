/** The figures of a run as columns: one entry per optimiser step, growing while the run lives. Pure arithmetic. */

export const metricNames = [
  "loss",
  "instanceLoss",
  "priorLoss",
  "learningRate",
  "gradNorm",
  "secondsPerStep",
  "residentBytes",
] as const
export type MetricName = (typeof metricNames)[number]

/** What one optimiser step measured; absent where the run does not have it. */
export type Measured = { step: number } & { [name in MetricName]?: number | null | undefined }

/** The figures inside a StepFinished event. */
export function asMeasured(data: unknown): Measured | undefined {
  return typeof data === "object" && data !== null && "step" in data && typeof data.step === "number"
    ? { ...data, step: data.step }
    : undefined
}

export type MetricSeries = {
  readonly steps: number[]
  readonly columns: { readonly [name in MetricName]: (number | null)[] }
}

export const emptySeries = (): MetricSeries => ({
  steps: [],
  columns: {
    loss: [],
    instanceLoss: [],
    priorLoss: [],
    learningRate: [],
    gradNorm: [],
    secondsPerStep: [],
    residentBytes: [],
  },
})

/** More points than a chart has pixels several times over; a page that stays open for days holds no more. */
const mostPoints = 10_000

/**
 * Adds measured steps in place. A step that is there already, or lies before the last one because the run went back to
 * a checkpoint, replaces what followed. Beyond `mostPoints` every second step is let go; the server has them all.
 */
export function appendMeasured(series: MetricSeries, measured: Iterable<Measured>): void {
  for (const one of measured) {
    while (series.steps.length > 0 && (series.steps.at(-1) ?? 0) >= one.step) {
      series.steps.pop()
      for (const name of metricNames) series.columns[name].pop()
    }
    series.steps.push(one.step)
    for (const name of metricNames) series.columns[name].push(one[name] ?? null)
    if (series.steps.length > mostPoints) halve(series)
  }
}

function halve(series: MetricSeries) {
  for (const column of [series.steps, ...metricNames.map((name) => series.columns[name])]) {
    const half = everySecond<number | null>(column)
    column.length = 0
    for (const value of half) (column as (number | null)[]).push(value)
  }
}

/** Every second of a list, the last among them. */
const everySecond = <Value>(list: readonly Value[]): Value[] =>
  list.filter((_, index) => (list.length - 1 - index) % 2 === 0)

/** Steps and those that came after them: one that is there already replaces it and what followed, as in `appendMeasured`. */
export function continued(known: readonly Measured[], news: readonly Measured[]): readonly Measured[] {
  const from = Math.min(...news.map(({ step }) => step))
  const all = [...known.filter(({ step }) => step < from), ...news]
  return all.length > mostPoints ? everySecond(all) : all
}

/**
 * Exponential moving average, corrected for its start: a_t = w a_(t−1) + (1 − w) x_t, divided by 1 − w^t. Steps that lie
 * closer together than is usual in the series count for less: w is raised to their distance over the mean distance.
 * @param weight of the past, 0 (none) to below 1.
 */
export function smooth(
  values: readonly (number | null)[],
  steps: readonly number[],
  weight: number,
): (number | null)[] {
  if (weight <= 0) return [...values]
  const usual = spacing(steps)
  let mean = 0
  let trust = 0
  return values.map((value, i) => {
    if (value === null) return null
    const distance = i === 0 ? 1 : ((steps[i] ?? 0) - (steps[i - 1] ?? 0)) / usual
    const past = distance === 1 ? weight : weight ** distance
    mean = past * mean + (1 - past) * value
    trust = past * trust + (1 - past)
    return mean / trust
  })
}

/** Mean distance of neighbouring steps. */
export const spacing = (steps: readonly number[]): number =>
  steps.length < 2 ? 1 : ((steps.at(-1) ?? 0) - (steps[0] ?? 0)) / (steps.length - 1)

/** Where to draw a line of many points: of each of `buckets` equal spans the lowest and the highest, in order. */
export function thin(
  columns: readonly (readonly (number | null)[])[],
  steps: readonly number[],
  range: readonly [number, number] | undefined,
  buckets: number,
): (number | null)[][] {
  const [from, to] =
    range === undefined ? [0, steps.length] : [lowerBound(steps, range[0]), lowerBound(steps, range[1]) + 1]
  const start = Math.max(0, from - 1)
  const end = Math.min(steps.length, to + 1)
  const pick = new Set<number>()
  if (end - start <= buckets * 2) for (let i = start; i < end; i++) pick.add(i)
  else {
    const width = (end - start) / buckets
    for (let bucket = 0; bucket < buckets; bucket++) {
      const low = start + Math.floor(bucket * width)
      const high = Math.min(end, start + Math.floor((bucket + 1) * width))
      for (const column of columns) addExtremes(column, low, high, pick)
      pick.add(low)
    }
    pick.add(end - 1)
  }
  const order = [...pick].sort((a, b) => a - b)
  return [order.map((i) => steps[i] ?? 0), ...columns.map((column) => order.map((i) => column[i] ?? null))]
}

function addExtremes(column: readonly (number | null)[], low: number, high: number, pick: Set<number>) {
  let least = -1
  let most = -1
  for (let i = low; i < high; i++) {
    const value = column[i]
    if (value === null || value === undefined) continue
    if (least < 0 || value < (column[least] ?? 0)) least = i
    if (most < 0 || value > (column[most] ?? 0)) most = i
  }
  if (least >= 0) pick.add(least)
  if (most >= 0) pick.add(most)
}

/** First index whose step is at least `step`. */
function lowerBound(steps: readonly number[], step: number): number {
  let low = 0
  let high = steps.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((steps[middle] ?? 0) < step) low = middle + 1
    else high = middle
  }
  return low
}

export type Verdict = { tone: "good" | "flat" | "bad" | "early"; text: string }

/** Whether a run learns: the mean loss of the last third of its steps against that of the first third. */
export function judgeLearning({ steps, columns: { loss } }: MetricSeries): Verdict {
  if (loss.some((value) => value !== null && !Number.isFinite(value)))
    return { tone: "bad", text: "The loss is no longer a number; lower the learning rate." }
  if (loss.length < 12) return { tone: "early", text: "Too early to say." }
  const [begin = 0, end = 0] = [steps[0], steps.at(-1)]
  const mean = (from: number, to: number) => {
    const part = loss.slice(lowerBound(steps, from), lowerBound(steps, to)).filter((value) => value !== null)
    return part.reduce((sum, value) => sum + value, 0) / part.length
  }
  const third = (end + 1 - begin) / 3
  const first = mean(begin, begin + third)
  const last = mean(end + 1 - third, end + 1)
  const change = (last - first) / first
  const percent = `${Math.abs(Math.round(change * 100))} %`
  if (change < -0.03) return { tone: "good", text: `The loss fell by ${percent}.` }
  if (change > 0.15) return { tone: "bad", text: `The loss rose by ${percent}; a lower learning rate may help.` }
  return { tone: "flat", text: "The loss hovers, as it often does; judge by the samples." }
}

/** Samples as a table: a row per step, a column per prompt and seed; the base model's row first, then the newest. Pure. */

export type SampleLike = {
  id: string
  step: number
  promptIndex: number
  prompt: string
  seed: number | string
  url: string
  thumbnailUrl: string
}

export type SampleColumn = { key: string; prompt: string; seed: string }
export type SampleRow<Sample> = { step: number; cells: (Sample | undefined)[] }
export type SampleTable<Sample> = { columns: SampleColumn[]; rows: SampleRow<Sample>[] }

const keyOf = ({ promptIndex, seed }: SampleLike) => `${promptIndex}:${seed}`

export function sampleTable<Sample extends SampleLike>(samples: readonly Sample[]): SampleTable<Sample> {
  const columns = new Map<string, SampleColumn>()
  const rows = new Map<number, Map<string, Sample>>()
  for (const sample of samples.toSorted((a, b) => a.promptIndex - b.promptIndex || Number(a.seed) - Number(b.seed))) {
    const key = keyOf(sample)
    if (!columns.has(key)) columns.set(key, { key, prompt: sample.prompt, seed: String(sample.seed) })
    const row = rows.get(sample.step) ?? new Map<string, Sample>()
    rows.set(sample.step, row.set(key, sample))
  }
  const order = [...rows.keys()].sort((a, b) => (a === 0 ? -1 : b === 0 ? 1 : b - a))
  return {
    columns: [...columns.values()],
    rows: order.map((step) => ({ step, cells: [...columns.keys()].map((key) => rows.get(step)?.get(key)) })),
  }
}

/** Pins two at most: the third takes the place of the second, a pinned one is let go. */
export function togglePin(pinned: readonly string[], id: string): string[] {
  if (pinned.includes(id)) return pinned.filter((one) => one !== id)
  return pinned.length < 2 ? [...pinned, id] : [pinned[0] ?? id, id]
}

/** What is worth a look before anybody has chosen: the latest sample beside the base model's of the same prompt and seed. */
export function comparedByDefault(samples: readonly SampleLike[]): string[] {
  const base = samples.find(({ step, promptIndex }) => step === 0 && promptIndex === 0) ?? samples[0]
  if (base === undefined) return []
  const same = samples.filter((sample) => keyOf(sample) === keyOf(base) && sample.step > base.step)
  const latest = same.toSorted((a, b) => b.step - a.step)[0]
  return latest === undefined ? [base.id] : [base.id, latest.id]
}

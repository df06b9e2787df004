/** The pictures of a card: samples of the run, named by what they are, so that a path says which one is meant. */

import { z } from "zod"
import { parseFrontMatter } from "./frontMatter.ts"

/** A sample among those of its run. */
export type SampleName = { readonly step: number; readonly promptIndex: number; readonly seed: bigint }

/** Where a sample lies in the repository; its image address in the card. */
export function samplePath({ step, promptIndex, seed }: SampleName): string {
  return `images/step-${step}-prompt-${promptIndex}-seed-${seed}.png`
}

const pattern = /^images\/step-(\d{1,9})-prompt-(\d{1,6})-seed-(\d{1,19})\.png$/

/** The sample that a path means; undefined for pictures of another origin. */
export function sampleAt(path: string): SampleName | undefined {
  const [, step, promptIndex, seed] = pattern.exec(path) ?? []
  if (step === undefined || promptIndex === undefined || seed === undefined) return undefined
  return { step: Number(step), promptIndex: Number(promptIndex), seed: BigInt(seed) }
}

const gallery = z.looseObject({
  widget: z.array(z.looseObject({ output: z.looseObject({ url: z.string() }).optional() })),
})

/**
 * Paths of the pictures that a card shows, each once: those of `widget` and those in the text. Addresses elsewhere are
 * left out.
 */
export function picturesShown(card: string): string[] {
  const { data, body } = parseFrontMatter(card)
  const parsed = gallery.safeParse(data)
  const inWidget = parsed.success ? parsed.data.widget.flatMap(({ output }) => output?.url ?? []) : []
  const inText = [...body.matchAll(/!\[[^\]]*\]\(\s*<?([^\s)>]+)/g)].map(([, url = ""]) => url)
  const isHere = (url: string) => !/^(?:[a-z][a-z\d+.-]*:|\/|#)/i.test(url)
  return [...new Set([...inWidget, ...inText].filter(isHere).map((url) => url.replace(/^\.\//, "")))]
}

/** The pictures that a card can show: its run's samples, under the paths at which a push lays them beside the card. Pure. */

import type { CardFile } from "./CardPreview.tsx"

type Sample = { step: number; promptIndex: number; seed: number; prompt: string; url: string }

/** As packages/hub names them; a card that is drafted or pushed there means the same picture. */
const pathOf = ({ step, promptIndex, seed }: Omit<Sample, "prompt" | "url">): string =>
  `images/step-${step}-prompt-${promptIndex}-seed-${seed}.png`

/** @param samples of the run, in any order. @returns the latest step first; the base model's own are left out. */
export function cardPictures(samples: readonly Sample[]): (CardFile & { prompt: string })[] {
  return samples
    .filter(({ step }) => step > 0)
    .toSorted((a, b) => b.step - a.step || a.promptIndex - b.promptIndex)
    .map((sample) => ({ path: pathOf(sample), url: sample.url, prompt: sample.prompt }))
}

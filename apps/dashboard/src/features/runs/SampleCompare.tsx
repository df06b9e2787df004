/** Two samples under one slider, or one alone. Always there, so that pinning moves nothing on the page. */

import { X } from "lucide-react"
import { IconButton } from "../../ui/Button.tsx"
import { CompareSlider } from "../../ui/CompareSlider.tsx"
import { formatNumber } from "../../ui/format.ts"
import { Panel } from "../../ui/Panel.tsx"
import type { SampleLike } from "./sampleGrid.ts"

export const nameOfStep = (step: number): string => (step === 0 ? "Base model" : `Step ${formatNumber(step)}`)

type SampleCompareProps = {
  before: SampleLike
  after: SampleLike | undefined
  /** How many were chosen by hand. */
  pinned: number
  onLetGo: () => void
  className?: string
}

export function SampleCompare({ before, after, pinned, onLetGo, className }: SampleCompareProps) {
  const side = (sample: SampleLike) => ({
    url: sample.url,
    label: nameOfStep(sample.step),
    alt: `${sample.prompt}, ${nameOfStep(sample.step)}`,
  })
  return (
    <Panel
      title={
        after === undefined ? nameOfStep(before.step) : `${nameOfStep(before.step)} against ${nameOfStep(after.step)}`
      }
      {...(className === undefined ? {} : { className })}
      {...(pinned > 0 ? { actions: <IconButton label="Let go" icon={<X />} onClick={onLetGo} tipAlign="end" /> } : {})}
    >
      {after === undefined ? (
        <img
          src={before.url}
          alt={before.prompt}
          className="aspect-square w-full rounded-xl bg-surface-tertiary object-contain"
        />
      ) : (
        <CompareSlider square before={side(before)} after={side(after)} />
      )}
      <p className="mt-3 line-clamp-2 min-h-10 text-sm leading-5">“{before.prompt}”</p>
      <p className="text-muted text-xs">
        {pinned === 1 ? "Choose a second sample to compare them by a slider." : "Choose two samples to compare them."}
      </p>
    </Panel>
  )
}

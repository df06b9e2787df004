/** Training the judge with Fjord's own engine. */

import { AdamW, createPipeline, float32ToFloat16, type Weights, writeSafetensors } from "@fjord/engine"
import { randomFrom } from "../world/random.ts"
import { batchRows, drawBatch, drawLessons } from "./lessons.ts"
import { judgeLoss } from "./losses.ts"
import { judgeGraph, judgeParameters } from "./network.ts"

export type JudgeTraining = {
  readonly steps: number
  readonly scenes: number
  /** Groups of four subjects with three pictures each. */
  readonly groups: number
  readonly threads: number
  readonly report: (line: string) => void
}

const peakRate = 2e-3
const warmup = 40

/** Draws the lessons, trains, and writes the weights in half precision to `file`. */
export async function trainJudge(
  file: string,
  { steps, scenes, groups, threads, report }: JudgeTraining,
): Promise<void> {
  const start = performance.now()
  const seconds = () => `${Math.round((performance.now() - start) / 1000)} s`
  const lessons = await drawLessons(scenes, groups, (share) =>
    report(`drawing ${Math.round(share * 100)} %, ${seconds()}`),
  )
  const parameters = initialWeights()
  const weights: Weights = new Map([...parameters].map(([name, values]) => [name, { kind: "memory", values }]))
  const { graph, output } = judgeGraph(batchRows)
  const pipeline = await createPipeline(graph, output, {
    provider: "cpu",
    threads,
    mode: "save",
    trainable: new Set(parameters.keys()),
    weights,
  })
  const optimiser = new AdamW({ betas: [0.9, 0.99], weightDecay: 0.02 })
  const random = randomFrom(1, "lessons")
  const mean = { classification: 0, contrast: 0 }
  try {
    for (let step = 0; step < steps; step++) {
      const { pixels, truths } = drawBatch(lessons, random)
      const outputs = await pipeline.forward({ pixels })
      if (!(outputs instanceof Float32Array)) throw new Error("The judge's outputs are not float32.")
      const { loss, classification, contrast, slopes } = judgeLoss(outputs, truths)
      if (!Number.isFinite(loss)) throw new Error(`The judge's loss is ${loss} at step ${step + 1}: it diverged.`)
      const rate = peakRate * Math.min(1, (step + 1) / warmup) * (0.5 + 0.5 * Math.cos((Math.PI * step) / steps))
      optimiser.beginStep()
      await pipeline.backward(slopes, (name, gradient) => {
        const values = parameters.get(name)
        if (values) optimiser.step(name, values, gradient, rate)
      })
      const share = step === 0 ? 1 : 0.05
      mean.classification += share * (classification - mean.classification)
      mean.contrast += share * (contrast - mean.contrast)
      if ((step + 1) % 50 === 0)
        report(
          `step ${step + 1} of ${steps}: heads ${mean.classification.toFixed(3)}, contrast ${mean.contrast.toFixed(3)}, ${seconds()}`,
        )
    }
  } finally {
    await pipeline.release()
  }
  const shapes = judgeParameters()
  await writeSafetensors(
    file,
    [...parameters].map(([name, values]) => ({
      name,
      dataType: "F16" as const,
      shape: shapes.get(name) ?? [],
      data: float32ToFloat16(values),
    })),
    { steps: String(steps), scenes: String(scenes), groups: String(groups) },
  )
}

/** He et al. 2015 for what has inputs; ones and zeros for the normalisations. */
function initialWeights(): Map<string, Float32Array> {
  const random = randomFrom(1, "judge weights")
  return new Map(
    [...judgeParameters()].map(([name, shape]) => {
      const values = new Float32Array(shape.reduce((product, length) => product * length, 1))
      if (name.endsWith("norm.weight")) return [name, values.fill(1)]
      if (name.endsWith(".bias")) return [name, values]
      const inputs = shape.slice(1).reduce((product, length) => product * length, 1)
      const spread = name === "glance.query" ? 0.5 : Math.sqrt((shape.length === 4 ? 2 : 1) / inputs)
      return [name, values.map(() => spread * normal(random.next(), random.next()))]
    }),
  )
}

/** Box and Muller 1958. */
function normal(a: number, b: number): number {
  return Math.sqrt(-2 * Math.log(1 - a)) * Math.cos(2 * Math.PI * b)
}

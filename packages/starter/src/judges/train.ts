/** Training the judge with Fjord's own engine. */

import { AdamW, createPipeline, float32ToFloat16, Muon, type Weights, writeSafetensors } from "@fjord/engine"
import { randomFrom } from "../world/random.ts"
import { judgeWeights } from "./judge.ts"
import { batchRows, drawBatch, drawLessons, type LessonPlan } from "./lessons.ts"
import { judgeLoss } from "./losses.ts"
import { judgeGraph, judgeParameters } from "./network.ts"

export type JudgeTraining = LessonPlan & {
  readonly steps: number
  /** Groups of subjects in a batch, eight pictures each; the rest are scenes. */
  readonly groupsPerBatch: number
  /** The highest learning rate, reached after the warm-up, from which it falls along a cosine to 0. */
  readonly learningRate: number
  readonly threads: number
  readonly report: (line: string) => void
}

/** The recipe of the judge in the repository: first mostly what subjects are alike, then mostly what is in a scene. */
export const judgeRounds = [
  { round: 0, steps: 900, scenes: 10_000, groups: 600, groupsPerBatch: 4, learningRate: 2e-3 },
  { round: 1, steps: 450, scenes: 9_000, groups: 150, groupsPerBatch: 2, learningRate: 1.5e-3 },
] as const

const warmup = 40

/** Draws the lessons, trains, and writes the weights in half precision to `file`, from where a later round takes them up. */
export async function trainJudge(
  file: string,
  { steps, groupsPerBatch, learningRate, threads, report, ...plan }: JudgeTraining,
): Promise<void> {
  const start = performance.now()
  const seconds = () => `${Math.round((performance.now() - start) / 1000)} s`
  const lessons = await drawLessons(plan, (share) => report(`drawing ${Math.round(share * 100)} %, ${seconds()}`))
  const parameters = plan.round === 0 ? initialWeights() : await judgeWeights(file)
  const weights: Weights = new Map([...parameters].map(([name, values]) => [name, { kind: "memory", values }]))
  const { graph, output } = judgeGraph(batchRows)
  const pipeline = await createPipeline(graph, output, {
    provider: "cpu",
    threads,
    mode: "save",
    trainable: new Set(parameters.keys()),
    weights,
  })
  const weightDecay = 0.02
  const adamW = new AdamW({ betas: [0.9, 0.99], weightDecay })
  const muon = new Muon({ provider: "cpu", threads, weightDecay })
  const shapes = judgeParameters()
  const random = randomFrom(1 + plan.round, "lessons")
  const mean = { classification: 0, contrast: 0 }
  try {
    for (let step = 0; step < steps; step++) {
      const { pixels, truths } = drawBatch(lessons, groupsPerBatch, random)
      const outputs = await pipeline.forward({ pixels })
      if (!(outputs instanceof Float32Array)) throw new Error("The judge's outputs are not float32.")
      const { loss, classification, contrast, slopes } = judgeLoss(outputs, truths)
      if (!Number.isFinite(loss)) throw new Error(`The judge's loss is ${loss} at step ${step + 1}: it diverged.`)
      const rate = learningRate * Math.min(1, (step + 1) / warmup) * (0.5 + 0.5 * Math.cos((Math.PI * step) / steps))
      const gradients = new Map<string, Float32Array>()
      await pipeline.backward(slopes, (name, gradient) => gradients.set(name, gradient.slice()))
      adamW.beginStep()
      muon.beginStep()
      for (const [name, gradient] of gradients) {
        const [values, shape = []] = [parameters.get(name), shapes.get(name)]
        if (!values) continue
        if (isHidden(name)) await muon.step(name, shape, values, gradient, rate)
        else adamW.step(name, values, gradient, rate)
      }
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
    await muon.release()
  }
  await writeSafetensors(
    file,
    [...parameters].map(([name, values]) => ({
      name,
      dataType: "F16" as const,
      shape: shapes.get(name) ?? [],
      data: float32ToFloat16(values),
    })),
    { round: String(plan.round), steps: String(steps) },
  )
}

/** What Muon moves: the matrices between the first layer and the last. */
const isHidden = (name: string) => /^(layers\.[1-9]\.conv|glance\.key|hidden)\.weight$/.test(name)

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

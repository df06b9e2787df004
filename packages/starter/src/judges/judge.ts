/** The trained judge at work. */

import { fileURLToPath } from "node:url"
import { compile, float16ToFloat32, readTensors, type Weights } from "@fjord/engine"
import sharp from "sharp"
import { toPlanes } from "./augment.ts"
import { normalised, softmax } from "./losses.ts"
import { type Head, heads, hiddenSize, judgeGraph, judgeParameters, judgeSize, offsets, outputSize } from "./network.ts"

/** RGB, width × height × 3. */
export type RgbPicture = { readonly rgb: Uint8Array; readonly width: number; readonly height: number }

export type Judgement = {
  /** Share of belief in each answer of a head, in the order of `heads`. */
  readonly beliefs: Readonly<Record<Head, readonly number[]>>
  /** The subject as a point of length 1: the cosine of two is their likeness. */
  readonly embedding: Float32Array
  readonly features: Float32Array
}

export interface Judge {
  judge(pictures: readonly RgbPicture[]): Promise<Judgement[]>
  release(): Promise<void>
}

/** Pictures per run; fewer are filled up. */
const rows = 16

export const judgeFile = fileURLToPath(new URL("../../judges/judge.safetensors", import.meta.url))

/** @throws where the file is missing, damaged or another network's. */
export async function loadJudge(file = judgeFile, threads = 1): Promise<Judge> {
  const { graph: _, output, hidden } = judgeGraph(rows)
  const options = { provider: "cpu", threads, weights: inMemory(await judgeWeights(file)) } as const
  const program = await compile({ output, hidden }, options)
  const length = 3 * judgeSize * judgeSize
  return {
    async judge(pictures) {
      const judgements: Judgement[] = []
      for (let from = 0; from < pictures.length; from += rows) {
        const some = pictures.slice(from, from + rows)
        const pixels = new Float32Array(rows * length)
        for (const [i, picture] of some.entries())
          toPlanes(await scaled(picture), judgeSize, pixels.subarray(i * length, (i + 1) * length))
        const results = await program.run({ pixels })
        const [outputs, features] = [floats(results.output), floats(results.hidden)]
        for (const row of some.keys()) judgements.push(judgementOf(outputs, features, row))
      }
      return judgements
    },
    release: () => program.release(),
  }
}

/** The answer that a head believes in most. */
export function answer<H extends Head>(judgement: Judgement, head: H): (typeof heads)[H][number] {
  const beliefs = judgement.beliefs[head]
  const best = beliefs.indexOf(Math.max(...beliefs))
  return heads[head][best] as (typeof heads)[H][number]
}

/** The weights of a judge's file by name. @throws where the file is another network's. */
export async function judgeWeights(file: string): Promise<Map<string, Float32Array>> {
  const stored = await readTensors(file)
  return new Map(
    [...judgeParameters()].map(([name, shape]) => {
      const tensor = stored.get(name)
      if (tensor?.shape.join() !== shape.join() || !(tensor.data instanceof Uint16Array))
        throw new Error(
          `${file} is no judge of this version: it lacks ${name} of shape [${shape}] as F16. Train it anew.`,
        )
      return [name, float16ToFloat32(tensor.data)]
    }),
  )
}

function inMemory(parameters: ReadonlyMap<string, Float32Array>): Weights {
  return new Map([...parameters].map(([name, values]) => [name, { kind: "memory", values }]))
}

async function scaled({ rgb, width, height }: RgbPicture): Promise<Uint8Array> {
  if (width === judgeSize && height === judgeSize) return rgb
  return sharp(rgb, { raw: { width, height, channels: 3 } })
    .resize(judgeSize, judgeSize, { fit: "fill", kernel: "mitchell" })
    .raw()
    .toBuffer()
}

function floats(values: unknown): Float32Array {
  if (values instanceof Float32Array) return values
  throw new Error("The judge's outputs are not float32.")
}

function judgementOf(outputs: Float32Array, features: Float32Array, row: number): Judgement {
  const beliefs = (head: Head) => {
    const start = row * outputSize + offsets[head]
    return softmax(outputs.subarray(start, start + heads[head].length))
  }
  return {
    beliefs: {
      background: beliefs("background"),
      time: beliefs("time"),
      class: beliefs("class"),
      colour: beliefs("colour"),
      pattern: beliefs("pattern"),
    },
    embedding: normalised(outputs, row).unit,
    features: features.slice(row * hiddenSize, (row + 1) * hiddenSize),
  }
}

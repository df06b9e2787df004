/** Second stage: scenes as latents, kept in files of a few hundred, so that the denoiser's steps need not draw or encode. */

import { existsSync } from "node:fs"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { compile, float32ToFloat16, Graph, type NamedTensor, readTensors, writeSafetensors } from "@fjord/engine"
import { z } from "zod"
import type { Box } from "../world/description.ts"
import { drawScene, sceneFromSeed } from "../world/scene.ts"
import { picturesOf } from "./batches.ts"
import type { Learner } from "./learner.ts"
import type { Networks } from "./networks.ts"

const encodedAtOnce = 8

const box = z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() })
const descriptions = z.array(z.object({ captions: z.array(z.string()), objects: z.array(z.object({ box })) }))

/** The distribution of a scene's latents in half precision, [c, h, w] each, and what is known of the scene. */
export interface LatentScene {
  readonly mean: Uint16Array
  readonly logVariance: Uint16Array
  readonly captions: readonly string[]
  readonly objects: readonly { readonly box: Box }[]
}

export interface LatentOptions {
  readonly directory: string
  readonly resolution: number
  readonly threads: number
  readonly scenes: number
  /** Scenes per file: what is lost at most when the machine stops. A multiple of 8. */
  readonly scenesPerFile: number
  readonly say: (line: string) => void
  readonly signal?: AbortSignal | undefined
}

/** Encodes what is not there yet with the averaged weights of `autoencoder`, and reads everything. */
export async function latentScenes(
  autoencoder: Learner,
  nets: Networks,
  options: LatentOptions,
): Promise<readonly LatentScene[]> {
  const { directory, scenes, scenesPerFile, say, signal } = options
  await mkdir(directory, { recursive: true })
  const graph = new Graph()
  const { mean, logVariance } = nets.encode(
    graph.input("image", [encodedAtOnce, 3, options.resolution, options.resolution]),
  )
  const weights = autoencoder.averageWeights
  const program = await compile({ mean, logVariance }, { provider: "cpu", threads: options.threads, weights })
  const all: LatentScene[] = []
  for (let start = 0; start < scenes; start += scenesPerFile) {
    const name = join(directory, `${start}`.padStart(6, "0"))
    if (!existsSync(`${name}.safetensors`)) {
      signal?.throwIfAborted()
      await encodeFile(name, start, options, program)
      say(`latents: ${start + scenesPerFile} of ${scenes} scenes`)
    }
    all.push(...(await readFileOf(name)))
  }
  await program.release()
  return all.slice(0, scenes)
}

type EncodeProgram = Awaited<ReturnType<typeof compile<"mean" | "logVariance">>>

async function encodeFile(
  name: string,
  start: number,
  { resolution, scenesPerFile }: LatentOptions,
  program: EncodeProgram,
): Promise<void> {
  const draw = (from: number) =>
    Promise.all(Array.from({ length: encodedAtOnce }, (_, i) => drawScene(sceneFromSeed(from + i), resolution)))
  const parts: Record<"mean" | "logVariance", Uint16Array[]> = { mean: [], logVariance: [] }
  const said: unknown[] = []
  let drawn = draw(start)
  for (let from = start; from < start + scenesPerFile; from += encodedAtOnce) {
    const scenes = await drawn
    drawn = draw(from + encodedAtOnce)
    const results = await program.run({ image: picturesOf(scenes).image })
    for (const part of ["mean", "logVariance"] as const)
      parts[part].push(float32ToFloat16(results[part] as Float32Array))
    for (const { captions, objects } of scenes) said.push({ captions, objects: objects.map(({ box }) => ({ box })) })
  }
  await drawn
  const tensors = Object.entries(parts).map(([part, pieces]): NamedTensor => {
    const data = new Uint16Array(pieces.reduce((sum, { length }) => sum + length, 0))
    let at = 0
    for (const piece of pieces) {
      data.set(piece, at)
      at += piece.length
    }
    return { name: part, dataType: "F16", shape: [said.length, data.length / said.length], data }
  })
  await writeFile(`${name}.json`, JSON.stringify(said))
  // The file whose presence means that both are whole comes last.
  await writeSafetensors(`${name}.safetensors`, tensors)
}

async function readFileOf(name: string): Promise<LatentScene[]> {
  const tensors = await readTensors(`${name}.safetensors`)
  const said = descriptions.parse(JSON.parse(await readFile(`${name}.json`, "utf8")))
  const rows = (part: string) => {
    const data = tensors.get(part)?.data
    if (!(data instanceof Uint16Array)) throw new Error(`${name}.safetensors has no ${part} in half precision.`)
    const length = data.length / said.length
    return (i: number) => data.subarray(i * length, (i + 1) * length)
  }
  const [mean, logVariance] = [rows("mean"), rows("logVariance")]
  return said.map((scene, i) => ({ mean: mean(i), logVariance: logVariance(i), ...scene }))
}

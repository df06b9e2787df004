/** Textual-inversion files: vectors that stand for a word (Gal et al., arXiv 2208.01618), in the forms that are about. */

import { basename } from "node:path"
import { openSafetensors, readFloat32, type SafetensorsFile } from "@fjord/engine/safetensors"
import { refusePickle } from "../formats/transfer.ts"

/** Vectors of one text encoder, row-major [count, width]. */
export interface EmbeddingVectors {
  readonly count: number
  readonly width: number
  readonly data: Float32Array
}

export interface EmbeddingFile {
  readonly path: string
  /** The word that the file has for itself: diffusers' key, or for A1111's form the file's name. */
  readonly token: string
  readonly textEncoder: EmbeddingVectors | null
  /** Files for SDXL have vectors for both of its text encoders. */
  readonly textEncoder2: EmbeddingVectors | null
}

/** An imported embedding is a folder with this file. */
export const embeddingFileName = "embedding.safetensors"

/** Names of the vectors for the first and the second text encoder. */
export const embeddingPairs = [
  ["clip_l", "clip_g"],
  ["text_encoders_0", "text_encoders_1"],
] as const

/**
 * Reads a .safetensors file of diffusers (its only key is the word), of A1111 (`emb_params`, or `*` where its old files
 * were converted) or for SDXL (`clip_l` and `clip_g`, or `text_encoders_0` and `text_encoders_1`).
 * @param name of the file where it comes from: the word of the forms that have none
 * @throws one sentence for pickles, for files of another kind and for numbers that are not finite.
 */
export async function loadEmbedding(path: string, name = basename(path)): Promise<EmbeddingFile> {
  const file = await openEmbedding(path)
  const { word, first, second } = keysOf(file)
  return {
    path,
    token: word ?? name.replace(/\.safetensors$/i, ""),
    textEncoder: first === null ? null : await readVectors(file, first),
    textEncoder2: second === null ? null : await readVectors(file, second),
  }
}

/** How many tokens the file's word is long, without reading its numbers. @throws as loadEmbedding */
export async function countVectors(path: string): Promise<number> {
  const file = await openEmbedding(path)
  const { first, second } = keysOf(file)
  return vectorShape(file, first ?? second ?? "").count
}

function openEmbedding(path: string): Promise<SafetensorsFile> {
  refusePickle(path)
  return openSafetensors(path)
}

/** Names of the vectors for either text encoder, and the word where the file names one. */
function keysOf({ path, tensors }: SafetensorsFile): { word?: string; first: string | null; second: string | null } {
  const found = embeddingPairs.find((pair) => pair.some((key) => tensors.has(key)))
  if (found !== undefined) {
    const [first, second] = found.map((key) => (tensors.has(key) ? key : null))
    return { first: first ?? null, second: second ?? null }
  }
  const keys = [...tensors.keys()]
  const key = tensors.has("emb_params") ? "emb_params" : keys.length === 1 ? keys[0] : undefined
  if (key === undefined)
    throw new Error(
      `${path} is no textual-inversion embedding: it has ${keys.length} tensors and none is called emb_params or clip_l.`,
    )
  return { ...(key !== "emb_params" && key !== "*" && { word: key }), first: key, second: null }
}

/** As many as a prompt has room for. */
const mostVectors = 75

function vectorShape(file: SafetensorsFile, key: string): Pick<EmbeddingVectors, "count" | "width"> {
  const shape = file.tensors.get(key)?.shape ?? []
  const [count = 0, width = 0] = shape.length === 1 ? [1, ...shape] : shape
  if (shape.length > 2 || count < 1 || width < 1 || count > mostVectors)
    throw new Error(
      `The embedding ${file.path} has [${shape.join(", ")}] in ${key}; wanted [vectors, width], at most ${mostVectors} vectors.`,
    )
  return { count, width }
}

async function readVectors(file: SafetensorsFile, key: string): Promise<EmbeddingVectors> {
  const { count, width } = vectorShape(file, key)
  const data = await readFloat32(file, key)
  if (!data.every(Number.isFinite))
    throw new Error(
      `The embedding ${file.path} has NaN or infinite numbers in ${key}; its training went wrong, use another.`,
    )
  return { count, width, data }
}

/** The tokenizer of the starter model: CLIP's kind, every word of the world one token. */

import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { smallTokenizer } from "@fjord/diffusion"
import { plurals } from "../world/captions.ts"
import { backgrounds, colourNames, moments, objectClasses, patterns, places } from "../world/vocabulary.ts"

/** Words that people write around those of the world. */
const neighbours =
  "a an the of on in at by near with and or is are it its this that to next left right front under above over behind " +
  "photo picture image painting drawing illustration portrait view close up two three one small big little large tiny " +
  "beautiful colorful colourful bright dark light water sky sun stars mountain mountains sea lake river sand grass flowers " +
  "street road floor window wall stone sunny rainy snowy weather morning evening person toy thing new old my your " +
  "standing sitting sailing flying swimming parked gray grey golden silver sks"

/** bos, eos and what stands between, for every prompt of the starter model. */
const maxLength = 32

export function starterWords(): string[] {
  const phrases = [
    ...objectClasses,
    ...Object.values(plurals),
    ...colourNames,
    ...patterns,
    ...backgrounds,
    ...Object.values(places).flat(),
    ...Object.values(moments).flat(),
    neighbours,
  ]
  return [...new Set(phrases.flatMap((phrase) => phrase.split(" ")).filter((word) => word !== ""))]
}

/** vocab.json, merges.txt and their companions by file name, and how many tokens there are. */
export function starterTokenizer() {
  return smallTokenizer("<|endoftext|>", { words: starterWords(), maxLength })
}

/** Writes the tokenizer's files to `directory`, which is made if need be. */
export async function writeStarterTokenizer(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true })
  for (const [name, text] of starterTokenizer().files) await writeFile(join(directory, name), text)
}

/** A tokenizer for a model whose file has none: CLIP's vocabulary from a folder that the person has. */

import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { isJsonObject, jsonText, readJsonObject } from "../folder/json.ts"
import { loadClipTokenizer } from "../text/clipTokenizer.ts"

/**
 * The folder that holds the vocabulary: `directory` itself or `tokenizer` in it.
 * @throws one sentence where neither has a vocabulary.
 */
export async function findTokenizer(directory: string): Promise<string> {
  for (const candidate of [directory, join(directory, "tokenizer")]) {
    if (!(await stat(candidate).catch(() => null))?.isDirectory()) continue
    const present = new Set(await readdir(candidate))
    if (present.has("tokenizer.json") || (present.has("vocab.json") && present.has("merges.txt"))) return candidate
  }
  throw new Error(
    `There is no tokenizer in ${directory}; give a folder with vocab.json and merges.txt (or tokenizer.json), or a ` +
      "diffusers folder that has one in tokenizer/.",
  )
}

interface Vocabulary {
  readonly vocab: string
  readonly merges: string
}

async function readVocabulary(directory: string): Promise<Vocabulary> {
  const present = new Set(await readdir(directory))
  if (present.has("vocab.json") && present.has("merges.txt"))
    return {
      vocab: await readFile(join(directory, "vocab.json"), "utf8"),
      merges: await readFile(join(directory, "merges.txt"), "utf8"),
    }
  const { model } = await readJsonObject(join(directory, "tokenizer.json"), "The tokenizer")
  if (!isJsonObject(model) || !isJsonObject(model.vocab) || !Array.isArray(model.merges))
    throw new Error(`${join(directory, "tokenizer.json")} has no byte-pair vocabulary; give CLIP's tokenizer.`)
  const lines = model.merges.map((merge) => (Array.isArray(merge) ? merge.join(" ") : String(merge)))
  return { vocab: JSON.stringify(model.vocab), merges: `#version: 0.2\n${lines.join("\n")}\n` }
}

/**
 * Writes the folder `target` in the form of transformers 4 (vocab.json, merges.txt and the two files about special
 * tokens), with the vocabulary of `source`. `padToken` is the end token for Stable Diffusion 1.x, "!" for OpenCLIP's.
 * @returns a sentence where the text encoder knows more tokens than the vocabulary has, else null.
 * @throws one sentence where it knows fewer.
 */
export async function writeTokenizer(
  source: string,
  target: string,
  { padToken, vocabularySize }: { readonly padToken: string; readonly vocabularySize: number },
): Promise<string | null> {
  const { vocab, merges } = await readVocabulary(source)
  const token = (content: string) => ({ content, lstrip: false, normalized: true, rstrip: false, single_word: false })
  const special = {
    bos_token: token("<|startoftext|>"),
    eos_token: token("<|endoftext|>"),
    pad_token: padToken,
    unk_token: token("<|endoftext|>"),
  }
  await mkdir(target, { recursive: true })
  await writeFile(join(target, "vocab.json"), vocab)
  await writeFile(join(target, "merges.txt"), merges)
  await writeFile(join(target, "special_tokens_map.json"), jsonText(special))
  await writeFile(
    join(target, "tokenizer_config.json"),
    jsonText({
      ...special,
      add_prefix_space: false,
      do_lower_case: true,
      errors: "replace",
      model_max_length: 77,
      tokenizer_class: "CLIPTokenizer",
    }),
  )
  const written = await loadClipTokenizer(target)
  const sizes = `The tokenizer in ${source} has ${written.vocabSize} tokens, the text encoder ${vocabularySize}`
  if (written.vocabSize > vocabularySize)
    throw new Error(`${sizes}; give the tokenizer of this kind of model (CLIP's has 49408 tokens).`)
  return written.vocabSize < vocabularySize ? `${sizes}: make sure that they belong together.` : null
}

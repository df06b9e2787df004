import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { type ClipTokenizer, loadClipTokenizer } from "../../packages/diffusion/src/text/clipTokenizer.ts"
import type { ParityCase, ParitySection } from "./case.ts"

type Row = Readonly<Record<string, unknown>>

/** Token ids of transformers' CLIPTokenizer, exactly. The error is the number of prompts whose ids differ. */
export const tokenizer: ParitySection = async function* (directory) {
  const rows = await readJson<Row[]>(join(directory, "tokenizer_ids", "prompts.json"))
  if (rows !== undefined) {
    const full = await load(join(directory, "tokenizer_full"))
    if (full !== undefined) {
      yield* compare("clip_full", rows, (prompt) => full.tokenize(prompt).ids)
      yield* compare("attention_mask", rows, (prompt) => full.tokenize(prompt).attentionMask)
      yield* compare("clip_full_untruncated", rows, (prompt) => full.encode(prompt))
    }
    const tiny = await load(join(directory, "pipelines", "sd1", "tokenizer"))
    if (tiny !== undefined) {
      yield* compare("tiny", rows, (prompt) => tiny.tokenize(prompt).ids)
      yield* compare("tiny_unpadded", rows, (prompt) => tiny.tokenize(prompt, { padding: "none" }).ids)
    }
  }
  for (const pipeline of await names(join(directory, "forward"))) {
    for (const suffix of ["", "_2"]) {
      const file = join(directory, "forward", pipeline, `text_encoder${suffix}.safetensors`)
      const inputs = await readInputs(file)
      const own = await load(join(directory, "pipelines", pipeline, `tokenizer${suffix}`))
      if (inputs === undefined || own === undefined) continue
      yield* compare(`forward/${pipeline}/text_encoder${suffix}`, inputs, (prompt) => own.tokenize(prompt).ids)
    }
  }
}

function* compare(
  key: string,
  rows: readonly Row[],
  tokenize: (prompt: string) => readonly number[],
): Iterable<ParityCase> {
  const field = key.startsWith("forward/") ? "ids" : key
  let compared = 0
  let different = 0
  for (const { prompt, [field]: expected } of rows) {
    if (typeof prompt !== "string" || !Array.isArray(expected)) continue
    compared++
    if (tokenize(prompt).join() !== expected.join()) different++
  }
  if (compared > 0) yield { name: `tokenizer/${key} (${compared} prompts)`, error: different, tolerance: 0 }
}

/** The prompts (metadata) and input_ids (int64, [prompts, length]) of a text encoder's golden file. */
async function readInputs(file: string): Promise<Row[] | undefined> {
  const bytes = await readFile(file).catch(() => undefined)
  if (bytes === undefined) return undefined
  const start = 8 + Number(bytes.readBigUInt64LE(0))
  const header = JSON.parse(bytes.toString("utf8", 8, start))
  if (header.input_ids?.dtype !== "I64" || header.__metadata__?.prompts === undefined) return undefined
  const prompts: string[] = JSON.parse(header.__metadata__.prompts)
  const [count, length]: [number, number] = header.input_ids.shape
  const first = start + Number(header.input_ids.data_offsets[0])
  return prompts.slice(0, count).map((prompt, row) => ({
    prompt,
    ids: Array.from({ length }, (_, i) => Number(bytes.readBigInt64LE(first + 8 * (row * length + i)))),
  }))
}

async function load(folder: string): Promise<ClipTokenizer | undefined> {
  const files = await names(folder)
  return files.includes("tokenizer.json") || files.includes("vocab.json") ? await loadClipTokenizer(folder) : undefined
}

async function names(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).sort()
}

async function readJson<T>(file: string): Promise<T | undefined> {
  const text = await readFile(file, "utf8").catch(() => undefined)
  return text === undefined ? undefined : JSON.parse(text)
}

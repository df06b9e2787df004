import { readFile } from "node:fs/promises"
import { join } from "node:path"

/** A tokenizer folder that cannot be used; the message names the file and what is wrong with it. */
export class TokenizerError extends Error {
  override readonly name = "TokenizerError"
}

export interface TokenizerFiles {
  /** A tokenizer.json, read or put together from vocab.json and merges.txt. */
  readonly tokenizer: object
  readonly bosId: number
  readonly eosId: number
  readonly padId: number
  readonly modelMaxLength: number
  readonly vocabSize: number
}

/** A word that the vocabulary lacks: `token` in a text, in any case, becomes these ids. */
export interface AddedWord {
  readonly token: string
  readonly ids: readonly number[]
}

type JsonObject = Readonly<Record<string, unknown>>

interface AddedToken {
  readonly id: number
  readonly content: string
  readonly single_word: boolean
  readonly lstrip: boolean
  readonly rstrip: boolean
  readonly normalized: boolean
  readonly special: boolean
}

const specialTokenKeys = ["bos_token", "eos_token", "unk_token", "pad_token"] as const

const defaultSpecialTokens: JsonObject = {
  bos_token: "<|startoftext|>",
  eos_token: "<|endoftext|>",
  unk_token: "<|endoftext|>",
  pad_token: "<|endoftext|>",
}

/** transformers' CLIP default; also used where the configuration holds its "no limit" number of 1e30. */
const defaultMaxLength = 77
const largestMaxLength = 65_536

/**
 * @param words added to the vocabulary, each under its first id
 * @throws TokenizerError
 */
export async function readTokenizerFiles(folder: string, words: readonly AddedWord[] = []): Promise<TokenizerFiles> {
  const config = (await readJson(folder, "tokenizer_config.json")) ?? {}
  const map = (await readJson(folder, "special_tokens_map.json")) ?? {}
  const whole = await readJson(folder, "tokenizer.json")
  const model = whole === undefined ? await readVocabAndMerges(folder) : checkModel(whole, folder)

  const vocab = model.vocab
  const added = new Map<string, AddedToken>()
  for (const token of listedTokens(whole, config, folder)) added.set(token.content, token)

  // special_tokens_map.json wins unless the configuration is of the newer kind with added_tokens_decoder:
  // transformers' rule. It matters: some SD 2 repositories have pad_token "!" in the map alone.
  const configured =
    "added_tokens_decoder" in config
      ? { ...defaultSpecialTokens, ...map, ...config }
      : { ...defaultSpecialTokens, ...config, ...map }
  const ids = new Map<string, number>()
  for (const key of specialTokenKeys) {
    const value = configured[key] ?? defaultSpecialTokens[key]
    const content = isObject(value) ? value.content : value
    const id = typeof content === "string" ? (added.get(content)?.id ?? vocab.get(content)) : undefined
    if (typeof content !== "string" || id === undefined) {
      throw new TokenizerError(
        `The tokenizer in ${folder} names ${JSON.stringify(content)} as its ${key}, ` +
          "but its vocabulary has no such token; the folder's files do not belong together.",
      )
    }
    // Every special token, the padding "!" of SD 2 included, is also cut out of the text before byte-pair encoding:
    // there "dog!" ends in id 0 and not in that of "!</w>".
    if (!added.has(content)) added.set(content, addedToken(id, content, value, true))
    ids.set(key, id)
  }

  for (const { token, ids } of words) {
    const [id] = ids
    // Text is lower-cased before words are looked for.
    const content = token.toLowerCase()
    if (id === undefined || /\s/.test(content) || content === "")
      throw new TokenizerError(`The word ${JSON.stringify(token)} cannot be added: it must be one word.`)
    if (vocab.has(content) || vocab.has(`${content}</w>`) || added.has(content))
      throw new TokenizerError(
        `The word ${JSON.stringify(token)} is in the vocabulary already; choose another, such as <${content}>.`,
      )
    added.set(content, addedToken(id, content, { normalized: true }, false))
  }

  return {
    tokenizer: {
      normalizer: clipNormalizer,
      pre_tokenizer: clipPreTokenizer,
      decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
      ...whole,
      post_processor: null,
      model: { ...clipModel, ...model.json, vocab: Object.fromEntries(vocab), merges: model.merges },
      added_tokens: [...added.values()].sort((a, b) => a.id - b.id),
    },
    bosId: ids.get("bos_token") ?? 0,
    eosId: ids.get("eos_token") ?? 0,
    padId: ids.get("pad_token") ?? 0,
    modelMaxLength: maxLength(config, folder),
    vocabSize:
      1 +
      Math.max(largest(vocab.values()), ...[...added.values()].map(({ id }) => id), ...words.flatMap(({ ids }) => ids)),
  }
}

// What transformers writes into tokenizer.json for CLIP.
const clipNormalizer = {
  type: "Sequence",
  normalizers: [{ type: "NFC" }, { type: "Replace", pattern: { Regex: "\\s+" }, content: " " }, { type: "Lowercase" }],
}

const clipPreTokenizer = {
  type: "Sequence",
  pretokenizers: [
    {
      type: "Split",
      pattern: {
        Regex: "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+",
      },
      behavior: "Removed",
      invert: true,
    },
    { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
  ],
}

const clipModel = {
  type: "BPE",
  dropout: null,
  unk_token: "<|endoftext|>",
  continuing_subword_prefix: "",
  end_of_word_suffix: "</w>",
  fuse_unk: false,
  byte_fallback: false,
}

interface Model {
  readonly vocab: ReadonlyMap<string, number>
  readonly merges: readonly (readonly [string, string])[]
  /** Whatever else tokenizer.json says of its model. */
  readonly json: JsonObject
}

async function readVocabAndMerges(folder: string): Promise<Model> {
  const vocab = await readJson(folder, "vocab.json")
  const merges = await readText(folder, "merges.txt")
  if (vocab === undefined || merges === undefined) {
    const missing = vocab === undefined ? "vocab.json" : "merges.txt"
    throw new TokenizerError(
      `The tokenizer folder ${folder} has no ${missing}; it needs vocab.json and merges.txt, or tokenizer.json.`,
    )
  }
  const lines = merges.split("\n").map((line) => line.replace(/\r$/, ""))
  const pairs = lines.filter((line, index) => line !== "" && !(index === 0 && line.startsWith("#version")))
  return checkVocabAndMerges(vocab, pairs, join(folder, "vocab.json"), join(folder, "merges.txt"))
}

function checkModel(whole: JsonObject, folder: string): Model {
  const file = join(folder, "tokenizer.json")
  const { model } = whole
  if (!isObject(model) || !isObject(model.vocab) || !Array.isArray(model.merges) || (model.type ?? "BPE") !== "BPE") {
    throw new TokenizerError(
      `${file} does not describe a byte-pair (BPE) tokenizer with vocab and merges, as CLIP's is.`,
    )
  }
  return { ...checkVocabAndMerges(model.vocab, model.merges, file, file), json: model }
}

function checkVocabAndMerges(
  object: JsonObject,
  pairs: readonly unknown[],
  vocabFile: string,
  mergesFile: string,
): Model {
  const vocab = new Map<string, number>()
  for (const [token, id] of Object.entries(object)) {
    if (typeof id !== "number" || !Number.isSafeInteger(id) || id < 0 || id > 0x7fff_ffff) {
      throw new TokenizerError(`${vocabFile} gives the token ${JSON.stringify(token)} no whole number as its id.`)
    }
    vocab.set(token, id)
  }
  const merges = pairs.map((pair, index): [string, string] => {
    const parts: unknown[] = typeof pair === "string" ? pair.split(" ") : Array.isArray(pair) ? pair : []
    const [left, right] = parts
    if (parts.length !== 2 || typeof left !== "string" || typeof right !== "string") {
      throw new TokenizerError(`Merge ${index + 1} of ${mergesFile} is not a pair of tokens: the file is damaged.`)
    }
    if (!vocab.has(left) || !vocab.has(right) || !vocab.has(left + right)) {
      throw new TokenizerError(
        `Merge ${index + 1} of ${mergesFile} (${left} ${right}) is not in the vocabulary; the files do not belong together.`,
      )
    }
    return [left, right]
  })
  return { vocab, merges, json: {} }
}

function listedTokens(whole: JsonObject | undefined, config: JsonObject, folder: string): AddedToken[] {
  const rows: (readonly [unknown, unknown])[] = Array.isArray(whole?.added_tokens)
    ? whole.added_tokens.map((token: unknown) => [isObject(token) ? token.id : undefined, token] as const)
    : []
  if (isObject(config.added_tokens_decoder)) {
    for (const [id, token] of Object.entries(config.added_tokens_decoder)) rows.push([Number(id), token])
  }
  return rows.map(([id, token]) => {
    const content = isObject(token) ? token.content : undefined
    if (typeof id !== "number" || !Number.isSafeInteger(id) || id < 0 || typeof content !== "string") {
      throw new TokenizerError(`The tokenizer in ${folder} lists an added token without id or content.`)
    }
    return addedToken(id, content, token, isObject(token) && token.special === true)
  })
}

function addedToken(id: number, content: string, source: unknown, special: boolean): AddedToken {
  const flags = isObject(source) ? source : {}
  return {
    id,
    content,
    single_word: flags.single_word === true,
    lstrip: flags.lstrip === true,
    rstrip: flags.rstrip === true,
    normalized: typeof flags.normalized === "boolean" ? flags.normalized : !special,
    special,
  }
}

function maxLength(config: JsonObject, folder: string): number {
  const value = config.model_max_length ?? defaultMaxLength
  if (typeof value !== "number" || !(value >= 2)) {
    throw new TokenizerError(
      `${join(folder, "tokenizer_config.json")} has model_max_length ${JSON.stringify(value)}; it must be 2 or more.`,
    )
  }
  return value > largestMaxLength ? defaultMaxLength : Math.floor(value)
}

async function readJson(folder: string, name: string): Promise<JsonObject | undefined> {
  const text = await readText(folder, name)
  if (text === undefined) return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new TokenizerError(`${join(folder, name)} is not valid JSON (${why}); download it again.`)
  }
  if (!isObject(value)) throw new TokenizerError(`${join(folder, name)} must hold a JSON object; download it again.`)
  return value
}

async function readText(folder: string, name: string): Promise<string | undefined> {
  try {
    return await readFile(join(folder, name), "utf8")
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined
    const why = error instanceof Error ? error.message : String(error)
    throw new TokenizerError(`${join(folder, name)} cannot be read: ${why}.`)
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

function largest(values: Iterable<number>): number {
  let result = -1
  for (const value of values) result = Math.max(result, value)
  return result
}

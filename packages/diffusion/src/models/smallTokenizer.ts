/** A CLIP tokenizer small enough to be made on the spot: every byte, a few merges, the two special tokens. */

/** Words of prompts that Fjord's own examples use, so that they become few tokens. */
const words = ["a", "of", "photo", "dog", "cat", "person", "sks", "painting", "in", "the"]

export interface TokenizerFiles {
  readonly vocabularySize: number
  /** File name → content, for the tokenizer folder. */
  readonly files: ReadonlyMap<string, string>
}

export interface SmallTokenizerOptions {
  /** Words that become one token each; lower case. Others fall into the pieces they share with these, or letters. */
  readonly words?: readonly string[]
  /** Tokens of a prompt, bos and eos included. */
  readonly maxLength?: number
}

/** `padToken` is the end token in Stable Diffusion 1.x and "!" (id 0) in 2.x. */
export function smallTokenizer(padToken: string, options: SmallTokenizerOptions = {}): TokenizerFiles {
  const characters = byteCharacters()
  const merges = learnMerges(options.words ?? words)
  // A set keeps the order of insertion, which is that of the ids.
  const tokens = new Set([...characters, ...characters.map((character) => `${character}</w>`)])
  for (const merge of merges) tokens.add(merge.replace(" ", ""))
  const special = { bos_token: "<|startoftext|>", eos_token: "<|endoftext|>", unk_token: "<|endoftext|>" }
  tokens.add(special.bos_token).add(special.eos_token)

  const config = {
    ...special,
    pad_token: padToken,
    add_prefix_space: false,
    do_lower_case: true,
    errors: "replace",
    model_max_length: options.maxLength ?? 77,
    tokenizer_class: "CLIPTokenizer",
  }
  const vocabulary = Object.fromEntries([...tokens].map((token, id) => [token, id]))
  const files = new Map([
    ["vocab.json", JSON.stringify(vocabulary)],
    ["merges.txt", `#version: 0.2\n${merges.join("\n")}\n`],
    ["tokenizer_config.json", JSON.stringify(config, null, 2)],
    ["special_tokens_map.json", JSON.stringify({ ...special, pad_token: padToken }, null, 2)],
  ])
  return { vocabularySize: tokens.size, files }
}

/**
 * Byte-pair encoding: merges the commonest pair of neighbours, again and again, until every word is one token. (Merges
 * word by word would not do: one of another word's, coming earlier, can break a word up so that its own never apply.)
 */
function learnMerges(words: readonly string[]): string[] {
  let spelled = words.map((word) => [...word.slice(0, -1), `${word.slice(-1)}</w>`])
  const merges: string[] = []
  for (;;) {
    const counts = new Map<string, number>()
    for (const symbols of spelled)
      for (let i = 1; i < symbols.length; i++) {
        const pair = `${symbols[i - 1]} ${symbols[i]}`
        counts.set(pair, (counts.get(pair) ?? 0) + 1)
      }
    // The first of the commonest, so that the same words always give the same merges.
    const commonest = [...counts].reduce((best, next) => (next[1] > best[1] ? next : best), ["", 0])[0]
    if (commonest === "") return merges
    merges.push(commonest)
    spelled = spelled.map((symbols) => mergePair(symbols, commonest))
  }
}

function mergePair(symbols: readonly string[], pair: string): string[] {
  const merged: string[] = []
  for (const symbol of symbols) {
    const last = merged.at(-1)
    if (last !== undefined && `${last} ${symbol}` === pair) merged[merged.length - 1] = last + symbol
    else merged.push(symbol)
  }
  return merged
}

/** The printable character that stands for each byte, in the order of CLIP's ids; `bytes_to_unicode` of GPT-2. */
function byteCharacters(): string[] {
  const isPrintable = (byte: number) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte !== 173)
  const bytes = Array.from({ length: 256 }, (_, byte) => byte)
  const printable = bytes.filter(isPrintable)
  const others = bytes.filter((byte) => !isPrintable(byte)).map((_, i) => 256 + i)
  return [...printable, ...others].map((code) => String.fromCharCode(code))
}

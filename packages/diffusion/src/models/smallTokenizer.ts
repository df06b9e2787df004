/** A CLIP tokenizer small enough to be made on the spot: every byte, a few merges, the two special tokens. */

/** Words of prompts that Fjord's own examples use, so that they become few tokens. */
const words = ["a", "of", "photo", "dog", "cat", "person", "sks", "painting", "in", "the"]

export interface TokenizerFiles {
  readonly vocabularySize: number
  /** File name → content, for the tokenizer folder. */
  readonly files: ReadonlyMap<string, string>
}

/** `padToken` is the end token in Stable Diffusion 1.x and "!" (id 0) in 2.x. */
export function smallTokenizer(padToken: string): TokenizerFiles {
  const characters = byteCharacters()
  // A set keeps the order of insertion, which is that of the ids.
  const tokens = new Set([...characters, ...characters.map((character) => `${character}</w>`)])
  const merges: string[] = []
  for (const word of words) {
    let left = word.slice(0, 1)
    for (let i = 1; i < word.length; i++) {
      const right = word.slice(i, i + 1) + (i === word.length - 1 ? "</w>" : "")
      if (!tokens.has(left + right)) merges.push(`${left} ${right}`)
      left += right
      tokens.add(left)
    }
  }
  const special = { bos_token: "<|startoftext|>", eos_token: "<|endoftext|>", unk_token: "<|endoftext|>" }
  tokens.add(special.bos_token).add(special.eos_token)

  const config = {
    ...special,
    pad_token: padToken,
    add_prefix_space: false,
    do_lower_case: true,
    errors: "replace",
    model_max_length: 77,
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

/** The printable character that stands for each byte, in the order of CLIP's ids; `bytes_to_unicode` of GPT-2. */
function byteCharacters(): string[] {
  const isPrintable = (byte: number) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte !== 173)
  const bytes = Array.from({ length: 256 }, (_, byte) => byte)
  const printable = bytes.filter(isPrintable)
  const others = bytes.filter((byte) => !isPrintable(byte)).map((_, i) => 256 + i)
  return [...printable, ...others].map((code) => String.fromCharCode(code))
}

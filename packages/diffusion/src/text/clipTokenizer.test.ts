import assert from "node:assert/strict"
import { existsSync } from "node:fs"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, describe, it } from "node:test"
import { fileURLToPath } from "node:url"
import { tokenizer as parity } from "../../../../test/parity/tokenizer.ts"
import { loadClipTokenizer } from "./clipTokenizer.ts"
import { TokenizerError } from "./tokenizerFiles.ts"

const golden = fileURLToPath(new URL("../../../../../shared/golden/", import.meta.url))
const merges = ["d o", "do g</w>", "c a", "ca t</w>"]

/** CLIP's vocabulary in small: all bytes, all bytes at a word's end, the merges, bos and eos. */
function smallVocab(): Record<string, number> {
  const printable = (byte: number): boolean => (byte > 32 && byte < 127) || (byte > 160 && byte < 256 && byte !== 173)
  const letters = Array.from({ length: 256 }, (_, byte) => byte).filter(printable)
  const others = Array.from({ length: 256 - letters.length }, (_, i) => 256 + i)
  const bytes = [...letters, ...others].map((code) => String.fromCodePoint(code))
  const tokens = [...bytes, ...bytes.map((b) => `${b}</w>`), ...merges.map((pair) => pair.replace(" ", ""))]
  return Object.fromEntries([...tokens, "<|startoftext|>", "<|endoftext|>"].map((token, id) => [token, id]))
}

describe("clipTokenizer", () => {
  let folder = ""
  const vocab = smallVocab()
  const bos = vocab["<|startoftext|>"]
  const eos = vocab["<|endoftext|>"]
  const write = (name: string, content: unknown) =>
    writeFile(join(folder, name), typeof content === "string" ? content : JSON.stringify(content))

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "fjord-tokenizer-"))
    await write("vocab.json", vocab)
    await write("merges.txt", `#version: 0.2\r\n${merges.join("\r\n")}\r\n`)
  })
  after(() => rm(folder, { recursive: true }))

  it("merges pairs inside words, in lower case, with bos and eos around", async () => {
    const tokenizer = await loadClipTokenizer(folder)
    assert.deepEqual(tokenizer.encode("Dog \n CAT"), [bos, vocab["dog</w>"], vocab["cat</w>"], eos])
    assert.deepEqual(tokenizer.encode(""), [bos, eos])
    assert.equal(tokenizer.vocabSize, Object.keys(vocab).length)
  })

  it("pads with the padding token to model_max_length, to the longest or not at all", async () => {
    const tokenizer = await loadClipTokenizer(folder)
    const dog = tokenizer.tokenize("dog")
    assert.equal(dog.ids.length, 77)
    assert.ok(dog.ids.slice(3).every((id) => id === eos))
    assert.deepEqual(dog.attentionMask.slice(0, 4), [1, 1, 1, 0])
    assert.equal(tokenizer.tokenize("dog", { padding: "none" }).ids.length, 3)
    const batch = tokenizer.tokenizeBatch(["dog", "dog cat dog"], { padding: "longest" })
    assert.deepEqual(
      batch.map(({ ids }) => ids.length),
      [5, 5],
    )
  })

  it("cuts long texts, keeps eos and says how many tokens are lost", async () => {
    const tokenizer = await loadClipTokenizer(folder)
    const { ids, truncatedTokens } = tokenizer.tokenize("dog ".repeat(80))
    assert.equal(ids.length, 77)
    assert.equal(ids.at(-1), eos)
    assert.equal(truncatedTokens, 5)
    assert.equal(tokenizer.encode("dog ".repeat(80)).length, 82)
  })

  it('takes SD 2\'s pad_token "!" from special_tokens_map.json and cuts it out of texts', async () => {
    await write("tokenizer_config.json", { pad_token: "<|endoftext|>", model_max_length: 6 })
    await write("special_tokens_map.json", { pad_token: "!" })
    const tokenizer = await loadClipTokenizer(folder)
    assert.deepEqual(tokenizer.tokenize("dog!").ids, [bos, vocab["dog</w>"], vocab["!"], eos, 0, 0])
    await rm(join(folder, "tokenizer_config.json"))
    await rm(join(folder, "special_tokens_map.json"))
  })

  it("reads tokenizer.json with added tokens, as transformers 5 saves it", async () => {
    const other = await mkdtemp(join(tmpdir(), "fjord-tokenizer-"))
    const added = [{ id: 600, content: "<sks>", special: false, normalized: true }]
    const model = { type: "BPE", vocab, merges: merges.map((pair) => pair.split(" ")), end_of_word_suffix: "</w>" }
    await writeFile(join(other, "tokenizer.json"), JSON.stringify({ added_tokens: added, model }))
    const tokenizer = await loadClipTokenizer(other)
    assert.deepEqual(tokenizer.encode("a <sks> dog"), [bos, vocab["a</w>"], 600, vocab["dog</w>"], eos])
    assert.equal(tokenizer.vocabSize, 601)
    await rm(other, { recursive: true })
  })

  it("names the file that is missing or damaged", async () => {
    const other = await mkdtemp(join(tmpdir(), "fjord-tokenizer-"))
    const refused = (pattern: RegExp) =>
      assert.rejects(
        loadClipTokenizer(other),
        (error) => error instanceof TokenizerError && pattern.test(error.message),
      )
    await refused(/no vocab\.json/)
    await writeFile(join(other, "vocab.json"), JSON.stringify(vocab))
    await refused(/no merges\.txt/)
    await writeFile(join(other, "merges.txt"), "d o\nxx yy")
    await refused(/Merge 2 .*do not belong together/)
    await writeFile(join(other, "merges.txt"), "d o e")
    await refused(/damaged/)
    await writeFile(join(other, "merges.txt"), "d o")
    await writeFile(join(other, "vocab.json"), '{"d": 1.5}')
    await refused(/no whole number/)
    await writeFile(join(other, "vocab.json"), JSON.stringify(vocab).slice(0, 100))
    await refused(/vocab\.json is not valid JSON/)
    await writeFile(join(other, "vocab.json"), JSON.stringify({ ...vocab, "<|endoftext|>": undefined }))
    await refused(/as its eos_token/)
    await rm(other, { recursive: true })
  })

  it("gives transformers' ids for every golden prompt", { skip: !existsSync(golden) && "no golden data" }, async () => {
    for await (const result of parity(golden)) {
      assert.ok("error" in result && result.error === 0, JSON.stringify(result))
    }
  })
})

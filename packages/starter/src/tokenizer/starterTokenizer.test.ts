import assert from "node:assert/strict"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { loadClipTokenizer } from "@fjord/diffusion"
import { sceneFromSeed } from "../world/scene.ts"
import { starterTokenizer, starterWords, writeStarterTokenizer } from "./starterTokenizer.ts"

test("the tokenizer of a folder knows every word of the world as one token and every caption within its length", async () => {
  const folder = await mkdtemp(join(tmpdir(), "starter-tokenizer-"))
  try {
    await writeStarterTokenizer(folder)
    const tokenizer = await loadClipTokenizer(folder)
    assert.equal(tokenizer.vocabSize, starterTokenizer().vocabularySize)
    assert.equal(tokenizer.modelMaxLength, 32)
    for (const word of starterWords()) assert.equal(tokenizer.encode(word).length, 3, word)
    for (let seed = 0; seed < 500; seed++)
      for (const caption of sceneFromSeed(seed).captions) {
        const words = caption.replace(",", " ,").split(" ").length
        assert.equal(tokenizer.encode(caption).length, words + 2, caption)
        assert.ok(words + 2 <= 32, caption)
      }
    assert.ok(tokenizer.encode("zwx").length > 3, "an unknown identifier falls into pieces")
  } finally {
    await rm(folder, { recursive: true })
  }
})

import assert from "node:assert/strict"
import { test } from "node:test"
import { repositoryName } from "./repositoryName.ts"

test("a repository keeps what the Hub takes of a name, capitals included", () => {
  assert.equal(repositoryName("sks robot toy, LoRA, 120 steps"), "sks-robot-toy-LoRA-120-steps")
  assert.equal(repositoryName("Hôtel à Bergen (2)"), "Hotel-a-Bergen-2")
  assert.equal(repositoryName("..--雪"), "fjord")
})

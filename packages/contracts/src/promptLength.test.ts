import assert from "node:assert/strict"
import { test } from "node:test"
import { generationRunOptions, trainingRunOptions } from "./runConfig.ts"

test("a prompt has an end: what is longer than any model reads is refused by name", () => {
  const most = "a".repeat(10_000)
  const tooLong = `${most}a`
  const given = { instancePrompt: most, classPrompt: most, validationPrompts: [most] }
  assert.ok(trainingRunOptions.safeParse(given).success)
  assert.ok(generationRunOptions.safeParse({ prompt: most, negativePrompt: most }).success)
  for (const [schema, options, path] of [
    [trainingRunOptions, { ...given, instancePrompt: tooLong }, ["instancePrompt"]],
    [trainingRunOptions, { ...given, classPrompt: tooLong }, ["classPrompt"]],
    [trainingRunOptions, { ...given, validationPrompts: [most, tooLong] }, ["validationPrompts", 1]],
    [generationRunOptions, { prompt: tooLong }, ["prompt"]],
    [generationRunOptions, { prompt: "a", negativePrompt: tooLong }, ["negativePrompt"]],
  ] as const)
    assert.deepEqual(schema.safeParse(options).error?.issues[0]?.path, path)
})

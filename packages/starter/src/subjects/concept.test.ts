import assert from "node:assert/strict"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { drawnConcept, shippedConcept, writeShippedConcept } from "./concept.ts"
import { drawSubject, subjectScene } from "./drawSubject.ts"
import { evaluationSubjects, subjectClasses, subjectFromSeed } from "./subject.ts"

test("a concept's pictures have five different backgrounds, and its prompts ask for none of them", () => {
  const drawn = evaluationSubjects(6).map((subject, i) => drawnConcept(subject, i))
  for (const { taken, asked } of [shippedConcept(), ...drawn]) {
    const backgrounds = new Set(taken.map(({ background }) => background))
    assert.equal(backgrounds.size, 5)
    assert.ok(asked.length >= 7)
    for (const { background, prompt } of asked) assert.ok(!backgrounds.has(background), prompt)
  }
})

test("the sample concept in the repository is what the command draws", async () => {
  const folder = await mkdtemp(join(tmpdir(), "starter-concept-"))
  try {
    await writeShippedConcept(folder)
    const kept = new URL("../../concept/concept.json", import.meta.url)
    assert.equal(await readFile(join(folder, "concept.json"), "utf8"), await readFile(kept, "utf8"))
    for (let i = 1; i <= 5; i++) assert.ok((await readFile(join(folder, `robot-${i}.png`))).byteLength > 10_000)
  } finally {
    await rm(folder, { recursive: true })
  }
})

test("subjects of every class are drawn, each a function of its seed", async () => {
  for (const [i, subjectClass] of subjectClasses.entries()) {
    const subject = subjectFromSeed(i + 50, [subjectClass])
    assert.deepEqual(subject, subjectFromSeed(i + 50, [subjectClass]))
    const scene = subjectScene(subject, i, { background: "snow", time: "day" })
    const bare = await drawSubject(subject, { ...scene, objects: [] }, 32)
    const pixels = await drawSubject(subject, scene, 32)
    assert.equal(pixels.length, 32 * 32 * 3)
    assert.ok(pixels.filter((value, at) => value !== bare[at]).length > 300, subjectClass)
  }
})

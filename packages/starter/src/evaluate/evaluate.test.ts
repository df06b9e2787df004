import assert from "node:assert/strict"
import { readFile } from "node:fs/promises"
import { test } from "node:test"
import { parseModelSettings, trainingConfig } from "@fjord/contracts"
import { loadJudge } from "../judges/judge.ts"
import { starterSettings } from "../settings.ts"
import { randomFrom } from "../world/random.ts"
import { drawScene } from "../world/scene.ts"
import { evaluateBase, heldoutScenes } from "./base.ts"
import { evaluationTables } from "./tables.ts"
import { methods, starterTraining } from "./training.ts"

test("a model that draws what it is told gets full marks, one that draws noise none", async () => {
  const judge = await loadJudge()
  const count = 24
  try {
    const perfect = await evaluateBase(
      async (requests) => {
        const scenes = heldoutScenes(50_000, requests.length)
        assert.deepEqual(
          requests.map(({ prompt }) => prompt),
          scenes.map(({ captions }) => captions[0]),
        )
        return Promise.all(
          scenes.map(async (scene) => ({ rgb: (await drawScene(scene, 96)).pixels, width: 96, height: 96 })),
        )
      },
      judge,
      count,
      async () => {},
    )
    assert.ok(perfect.model.background > 0.9 && perfect.model.class > 0.8, JSON.stringify(perfect.model))
    const random = randomFrom(1, "noise")
    const noise = await evaluateBase(
      async (requests) =>
        requests.map(() => ({
          rgb: Uint8Array.from({ length: 96 * 96 * 3 }, () => random.below(256)),
          width: 96,
          height: 96,
        })),
      judge,
      count,
      async () => {},
    )
    assert.ok(noise.model.class < 0.4, JSON.stringify(noise.model))
    assert.ok(noise.distance > 4 * Math.abs(perfect.distance), `${noise.distance} ${perfect.distance}`)
  } finally {
    await judge.release()
  }
})

test("every way of training is a configuration that DreamBooth takes", () => {
  const task = {
    model: "model",
    instanceImages: "pictures",
    instancePrompt: "a photo of sks dog",
    classImages: "class",
    classPrompt: "a photo of a dog",
    output: "out",
    resolution: 128,
    threads: 0,
    seed: 1,
  }
  for (const method of methods) {
    const config = trainingConfig.parse(starterTraining(task, method))
    assert.equal(config.method, method.method)
    assert.equal(config.withPriorPreservation, method.withPriorPreservation)
  }
})

test("the tables give means over the subjects, and leave DreamBooth out where no subject was asked for", () => {
  const accuracy = { background: 1, time: 1, class: 0.9, colour: 0.95, pattern: 0.8 }
  const likeness = { same: 0.9, different: 0.3, twins: 0.7, plain: 0.1, separation: 0.99, twinSeparation: 0.8 }
  const base = { pictures: 8, model: accuracy, renderings: accuracy, distance: 0.5, distanceOfRenderings: 0 }
  const report = (share: number) => ({
    subjectFidelity: share,
    recognised: share,
    background: share,
    time: share,
    class: share,
    drift: share,
    diversity: share,
    classKept: share,
    seconds: 100 * share,
  })
  const judge = { accuracy, ...likeness }
  const text = evaluationTables({ judge, base, arms: [{ name: "LoRA", reports: [report(0.5), report(1)] }] })
  assert.match(text, /means over 2 subjects/)
  assert.match(text, /^\| LoRA \|( 75 % \|){8} 75 s \|$/m)
  assert.doesNotMatch(evaluationTables({ judge, base, arms: [] }), /DreamBooth/)
})

test("the model in the repository carries the settings that demo and evaluation train with", async () => {
  const file = new URL("../../model/fjord.json", import.meta.url)
  assert.deepEqual(parseModelSettings(JSON.parse(await readFile(file, "utf8"))), starterSettings(64))
})

import assert from "node:assert/strict"
import { test } from "node:test"
import type { ImageDetailQuery } from "../../graphql/generated/graphql.ts"
import { differences } from "./differences.ts"
import { recallFromImage } from "./recall.ts"

type Image = NonNullable<ImageDetailQuery["generatedImage"]>

const image: Image = {
  id: "i",
  prompt: "a boat",
  seed: 45,
  width: 64,
  height: 64,
  favourite: false,
  createdAt: "2026-01-01T00:00:00Z",
  url: "/files/i",
  thumbnailUrl: "/files/i?size=384",
  downloadUrl: "/files/i?download=i.png",
  board: null,
  settings: {
    generator: { kind: "checkpoint", id: "c" },
    loras: [{ kind: "model", id: "l", weight: 0.5 }],
    options: { prompt: "a boat", seed: 45, steps: 30, scheduler: "ddim" },
  },
  lineage: {
    generation: {
      id: "g",
      name: "a boat",
      imageToImage: { strength: 0.4, generatedImage: null, image: { id: "p", thumbnailUrl: "/files/p?size=384" } },
      loras: [{ weight: 0.5, model: { id: "l", name: "Style" }, checkpoint: null }],
      embeddings: [
        { token: "<mist>", model: { id: "e", name: "Mist" } },
        { token: "<gone>", model: null },
      ],
    },
    model: null,
    run: { id: "r", name: "Run" },
    checkpoint: { id: "c", step: 100 },
    datasetVersion: null,
    baseModel: { id: "b", name: "Base" },
  },
}

test("an image gives back all that drew it: its own seed, what drew, LoRAs and embeddings, what it started from", () => {
  assert.deepEqual(recallFromImage(image), {
    prompt: "a boat",
    seed: 45,
    steps: 30,
    scheduler: "ddim",
    source: { kind: "checkpoint", id: "c", runId: "r" },
    startImage: { kind: "image", id: "p", url: "/files/p?size=384", strength: 0.4 },
    loras: [{ kind: "model", id: "l", name: "Style", weight: 0.5 }],
    embeddings: [{ id: "e", name: "Mist", token: "<mist>" }],
  })
})

test("a checkpoint whose run is gone is not chosen; the settings are taken over all the same", () => {
  const orphan = recallFromImage({ ...image, lineage: { ...image.lineage, run: null } })
  assert.equal(orphan.source, undefined)
  assert.equal(orphan.steps, 30)
})

test("only what differs is told, in the words of the form", () => {
  const other: Image = {
    ...image,
    seed: 46,
    settings: { options: { prompt: "a boat", steps: 20, scheduler: "ddim" } },
    lineage: {
      ...image.lineage,
      generation: { ...image.lineage.generation, loras: [], embeddings: [] },
      checkpoint: null,
      model: { id: "m", name: "Robot" },
    },
  }
  assert.deepEqual(differences(image, other), [
    { name: "Model", left: "checkpoint of step 100", right: "Robot" },
    { name: "LoRAs", left: "Style × 0.5", right: "–" },
    { name: "Embeddings", left: "Mist, <gone>", right: "–" },
    { name: "Seed", left: "45", right: "46" },
    { name: "Steps", left: "30", right: "20" },
  ])
  assert.deepEqual(differences(image, image), [])
})

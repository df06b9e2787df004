import assert from "node:assert/strict"
import { test } from "node:test"
import { type Hinted, mendings } from "./mending.ts"

const image = (id: string, ...warnings: Hinted["warnings"]): Hinted => ({ id, warnings })
const images = [
  image("a", { kind: "TRIGGER_MISSING", caption: "sks a toy", resolution: null }),
  image("b", { kind: "NEAR_DUPLICATE", caption: null, resolution: null }),
  image("c", { kind: "TRIGGER_MISSING", caption: "sks c", resolution: null }),
]

test("a hint about captions is mended by the captions that the server proposes, all at once", () => {
  assert.deepEqual(mendings("TRIGGER_MISSING", images), {
    captions: [
      { imageId: "a", caption: "sks a toy" },
      { imageId: "c", caption: "sks c" },
    ],
  })
})

test("a hint about the picture itself is mended by taking it out", () => {
  assert.deepEqual(mendings("NEAR_DUPLICATE", images), { takeOut: ["b"] })
})

test("pictures that are too small can be trained at the resolution that suits the smallest", () => {
  const small = (id: string, resolution: number | null) => image(id, { kind: "TOO_SMALL", caption: null, resolution })
  assert.deepEqual(mendings("TOO_SMALL", [small("a", 256), small("b", 128)]), { takeOut: ["a", "b"], trainAt: 128 })
  assert.deepEqual(mendings("TOO_SMALL", [small("a", 256), small("b", null)]), { takeOut: ["a", "b"] })
})

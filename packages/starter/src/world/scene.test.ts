import assert from "node:assert/strict"
import { test } from "node:test"
import { drawScene, sceneFromSeed } from "./scene.ts"
import { backgrounds, objectClasses, times } from "./vocabulary.ts"

test("a seed gives the same scene and the same pixels every time", async () => {
  assert.deepEqual(sceneFromSeed(7), sceneFromSeed(7))
  const [once, again] = await Promise.all([drawScene(sceneFromSeed(7), 48), drawScene(sceneFromSeed(7), 48)])
  assert.equal(once.pixels.length, 48 * 48 * 3)
  assert.deepEqual(once, again)
})

test("a picture drawn small is the picture drawn big, seen from further away", async () => {
  const [small, big] = await Promise.all([drawScene(sceneFromSeed(11), 32), drawScene(sceneFromSeed(11), 128)])
  let difference = 0
  for (let y = 0; y < 32; y++)
    for (let x = 0; x < 32; x++) {
      let sum = 0
      for (let i = 0; i < 16; i++) sum += big.pixels[((y * 4 + (i >> 2)) * 128 + x * 4 + (i & 3)) * 3] ?? 0
      difference += Math.abs(sum / 16 - (small.pixels[(y * 32 + x) * 3] ?? 0))
    }
  assert.ok(difference / 1024 < 12, `mean difference ${difference / 1024} of 255`)
})

test("training and held-out scenes are different ones, each of everything there is", () => {
  const told = new Set<string>()
  for (let seed = 0; seed < 400; seed++) {
    const [train, heldout] = [sceneFromSeed(seed), sceneFromSeed(seed, "heldout")]
    assert.notDeepEqual(train, heldout)
    for (const word of [heldout.background, heldout.time, ...heldout.objects.map((object) => object.class)])
      told.add(word)
  }
  for (const word of [...backgrounds, ...times, ...objectClasses]) assert.ok(told.has(word), word)
})

test("objects lie within the picture and fill at least a quarter of its side", () => {
  for (let seed = 0; seed < 500; seed++)
    for (const { box, size } of sceneFromSeed(seed).objects) {
      assert.ok(box.x >= 0 && box.y >= 0 && box.x + box.width <= 1 && box.y + box.height <= 1, `seed ${seed}`)
      assert.ok(size >= 0.25, `seed ${seed}`)
    }
})

test("captions say what is there: the noun always, colour and place in the fullest", () => {
  for (let seed = 0; seed < 200; seed++) {
    const scene = sceneFromSeed(seed)
    const [object] = scene.objects
    assert.ok(object)
    for (const caption of scene.captions) assert.ok(caption.includes(object.class), caption)
    assert.ok(scene.captions[0]?.includes(object.colour), scene.captions[0])
    assert.ok(scene.captions.includes(scene.caption))
  }
})

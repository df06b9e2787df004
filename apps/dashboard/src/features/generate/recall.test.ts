import assert from "node:assert/strict"
import { test } from "node:test"
import { deflateSync } from "node:zlib"
import { readPngTexts } from "./pngText.ts"
import { readA1111, readSettings, recallFromTexts } from "./recall.ts"

test("an image of AUTOMATIC1111 gives back its settings, under Fjord's names", () => {
  const text =
    "a fjord, at dawn\nsecond line\nNegative prompt: blurry, text\nSteps: 25, Sampler: DPM++ 2M Karras, CFG scale: 6.5, Seed: 1234567890123, Size: 512x768, Model: v1"
  assert.deepEqual(readA1111(text), {
    prompt: "a fjord, at dawn\nsecond line",
    negativePrompt: "blurry, text",
    seed: 1234567890123,
    steps: 25,
    guidanceScale: 6.5,
    scheduler: "dpmpp_2m_karras",
    width: 512,
    height: 768,
  })
})

test("a prompt alone is a prompt", () => {
  assert.deepEqual(readA1111("just a boat"), { prompt: "just a boat", negativePrompt: "" })
})

test("the image's own seed wins over the generation's", () => {
  assert.deepEqual(readSettings({ seed: 45, options: { seed: 42, prompt: "p", steps: 30, other: {} } }), {
    seed: 45,
    prompt: "p",
    steps: 30,
  })
})

test("Fjord's record is preferred; a damaged one gives way", () => {
  const parameters = "b\nSteps: 5, Seed: 2"
  assert.equal(
    recallFromTexts(
      new Map([
        ["fjord", '{"prompt":"a"}'],
        ["parameters", parameters],
      ]),
    )?.prompt,
    "a",
  )
  assert.equal(
    recallFromTexts(
      new Map([
        ["fjord", "{"],
        ["parameters", parameters],
      ]),
    )?.prompt,
    "b",
  )
  assert.equal(recallFromTexts(new Map()), undefined)
})

test("texts are found in a PNG in all three forms", async () => {
  const chunk = (type: string, data: Buffer) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(data.length)
    return Buffer.concat([length, Buffer.from(type), data, Buffer.alloc(4)])
  }
  const png = Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    chunk("IHDR", Buffer.alloc(13)),
    chunk("tEXt", Buffer.from("parameters\0caf\u00e9", "latin1")),
    chunk("zTXt", Buffer.concat([Buffer.from("packed\0\0"), deflateSync("small")])),
    chunk("iTXt", Buffer.concat([Buffer.from("fjord\0\0\0en\0\0"), Buffer.from("富士山")])),
    chunk("IEND", Buffer.alloc(0)),
  ])
  assert.deepEqual(Object.fromEntries((await readPngTexts(new Uint8Array(png))) ?? []), {
    parameters: "café",
    packed: "small",
    fjord: "富士山",
  })
  assert.equal(await readPngTexts(new Uint8Array([1, 2, 3])), undefined)
})

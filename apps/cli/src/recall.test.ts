import assert from "node:assert/strict"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { encodePng, newModel } from "@fjord/diffusion"
import { fjord } from "./commandLine.fixture.ts"

const folder = mkdtempSync(join(tmpdir(), "fjord-recall-"))
after(() => rmSync(folder, { recursive: true, force: true }))

const run = (...args: string[]) => fjord(["generate", ...args], { folder })
async function draws(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await run(...args)
  assert.equal(status, 0, stderr)
  return stdout
}
async function refused(args: readonly string[], sentence: RegExp): Promise<void> {
  const { status, stderr } = await run(...args)
  assert.equal(status, 1)
  assert.match(stderr, sentence)
}

const image = join("drawn", "image-7.png")
const bytes = (path: string) => readFileSync(join(folder, path))

before(async () => {
  for (const [name, seed] of [
    ["model", 1],
    ["other", 2],
  ] as const) {
    mkdirSync(join(folder, name))
    await newModel("tiny", join(folder, name), seed)
  }
  const size = ["--width", "64", "--height", "64", "--steps", "2", "--scheduler", "euler_ancestral", "--seed", "7"]
  await draws("--model", "model", "--prompt", "a robot", "--negative-prompt", "rain", ...size, "--out", "drawn")
})

test("an image is drawn again from its own text, byte for byte", async () => {
  const said = await draws("--model", "model", "--from", image, "--out", "again")
  assert.deepEqual(bytes("again/image-7.png"), bytes(image))
  assert.match(said, /again.image-7\.png is drawn.image-7\.png, byte for byte\.\n$/)
})

test("options that are given win, and what differs is said", async () => {
  const said = await draws("--model", "model", "--from", image, "--steps", "3", "--out", "longer")
  assert.match(said, /Warning: longer.image-7\.png is not drawn.image-7\.png: drawn with steps 3 instead of 2\.\n$/)
  const otherwise = await draws("--model", "other", "--from", image, "--out", "otherwise")
  assert.match(otherwise, /drawn with another model\.\n$/)
})

test("what was made from a picture wants that picture again", async () => {
  const init = ["--prompt", "x", "--steps", "4", "--init-image", image, "--strength", "0.5"]
  await draws("--model", "model", ...init, "--out", "from")
  const made = join("from", "image-42.png")
  const wanted = /was made with files that are not given; say where they lie: --init-image image-7\.png\./
  await refused(["--model", "model", "--from", made, "--out", "x"], wanted)
  const said = await draws("--model", "model", "--from", made, "--init-image", image, "--out", "from-again")
  assert.match(said, /byte for byte/)
})

test("what is no image of Fjord's is refused in a sentence", async () => {
  const from = (path: string) => ["--model", "model", "--from", path, "--out", "x"]
  await refused(from("nothing.png"), /^The image nothing\.png does not exist\.\n$/)
  writeFileSync(join(folder, "text.png"), "hello")
  await refused(from("text.png"), /^text\.png cannot be drawn again: This is not a PNG file\.\n$/)
  const picture = { width: 64, height: 64, rgb: new Uint8Array(64 * 64 * 3) }
  writeFileSync(join(folder, "plain.png"), await encodePng(picture))
  await refused(from("plain.png"), /^plain\.png does not say how it was made/)
  writeFileSync(join(folder, "future.png"), await encodePng(picture, { fjord: "[]" }))
  await refused(from("future.png"), /in a way that this version of Fjord does not read\.\n$/)
})

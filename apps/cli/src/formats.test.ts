import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, test } from "node:test"
import { fileURLToPath } from "node:url"

const folder = mkdtempSync(join(tmpdir(), "fjord-cli-formats-"))
after(() => rmSync(folder, { recursive: true }))

const main = fileURLToPath(new URL("./main.ts", import.meta.url))
const { FJORD_DEBUG: _, ...env } = process.env

function fjord(...args: string[]) {
  return spawnSync(process.execPath, [main, ...args], { cwd: folder, encoding: "utf8", env })
}

function refused(args: string[], message: RegExp) {
  const { status, stderr } = fjord(...args)
  assert.match(stderr, message)
  assert.equal(stderr.trim().split("\n").length, 1)
  assert.equal(status, 1)
}

test("a model goes out as a single file and comes back, with JSON events on the way", () => {
  assert.equal(fjord("new-model", "tiny", "model").status, 0)
  const exported = fjord(
    "export",
    "model",
    "--format",
    "single-file",
    "--out",
    "tiny.safetensors",
    "--dtype",
    "float16",
  )
  assert.equal(exported.stderr, "")
  assert.match(exported.stdout, /Written: .*tiny\.safetensors\n$/)
  const imported = fjord("import", "tiny.safetensors", "--out", "back", "--tokenizer", "model", "--json")
  assert.equal(imported.stderr, "")
  const events = imported.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
  assert.deepEqual(new Set(events.map(({ type }) => type)), new Set(["Progress", "Written"]))
  assert.deepEqual(readdirSync(join(folder, "back")).sort(), [
    "model_index.json",
    "scheduler",
    "text_encoder",
    "tokenizer",
    "unet",
    "vae",
  ])
  refused(["import", "tiny.safetensors", "--out", "back", "--tokenizer", "model"], /back exists already/)
  refused(["import", "tiny.safetensors", "--out", "other"], /holds no tokenizer, as no single file does/)
})

test("flags and files that cannot be meant are one sentence each", () => {
  refused(["import", "old.ckpt", "--out", "x"], /is a pickle, which is never read/)
  refused(["import", "no.safetensors", "--out", "x"], /no\.safetensors does not exist/)
  refused(["export", ".", "--format", "zip", "--out", "x"], /--format must be one of single-file, onnx/)
  refused(["export", ".", "--format", "onnx", "--out", "x", "--batch", "0"], /--batch must be a whole number/)
  refused(["merge", "--model", "m", "--lora", "no.safetensors:1", "--out", "x"], /LoRA file no\.safetensors does not/)
})

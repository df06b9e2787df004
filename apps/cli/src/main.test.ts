import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, test } from "node:test"
import { fileURLToPath } from "node:url"
import { encodePng } from "@fjord/diffusion"

const folder = mkdtempSync(join(tmpdir(), "fjord-cli-"))
after(() => rmSync(folder, { recursive: true }))

const main = fileURLToPath(new URL("./main.ts", import.meta.url))
const { FJORD_DEBUG: _, ...env } = process.env

function fjord(...args: string[]) {
  return spawnSync(process.execPath, [main, ...args], { cwd: folder, encoding: "utf8", env })
}

/** The command fails with exactly this on stderr: no stack, no second line. */
function refused(args: string[], message: string) {
  const { status, stderr } = fjord(...args)
  assert.equal(stderr, `${message}\n`)
  assert.equal(status, 1)
}

const config = "model: base\ninstance_images: photos\ninstance_prompt: a photo of sks toy\noutput: out\n"

test("a missing config, model or picture folder is one sentence and a non-zero exit", () => {
  refused(["train", "none.yml"], "The config file none.yml does not exist.")
  writeFileSync(join(folder, "a.yml"), config)
  refused(
    ["train", "a.yml"],
    "a.yml: the model folder base does not exist; give the path of a folder, or an id on the Hub in the form owner/name.",
  )
})

test("nothing in an output folder is overwritten, and an unfinished run says how to go on", () => {
  for (const name of ["base", "photos", "out"]) mkdirSync(join(folder, name), { recursive: true })
  writeFileSync(join(folder, "a.yml"), config)
  writeFileSync(join(folder, "out", "state.json"), "{}")
  refused(
    ["train", "a.yml"],
    "out holds an unfinished run; go on with it by fjord train a.yml --resume, or choose another output with --output.",
  )
  // Who has no `fjord` on the path is told what they did type.
  const typed = spawnSync(process.execPath, [main, "train", "a.yml", "--output", "out"], {
    cwd: folder,
    encoding: "utf8",
    env: { ...env, npm_lifecycle_event: "fjord" },
  })
  assert.match(typed.stderr, /go on with it by npm run fjord -- train a\.yml --output out --resume, or/)
  writeFileSync(join(folder, "out", "model_index.json"), "{}")
  refused(
    ["train", "a.yml"],
    "out already holds a finished model; choose another output with --output, or move that folder away.",
  )
})

test("a place where nothing can be written is one sentence at once, whatever the command makes there", async () => {
  for (const name of ["base", "photos"]) mkdirSync(join(folder, name), { recursive: true })
  const rgb = new Uint8Array(64 * 64 * 3)
  writeFileSync(join(folder, "photos", "1.png"), await encodePng({ width: 64, height: 64, rgb }))
  writeFileSync(join(folder, "w.yml"), config)
  writeFileSync(join(folder, "a file"), "")
  const commands = (place: string) => [
    ["train", "w.yml", "--output", place],
    ["generate", "--model", "base", "--prompt", "x", "--out", place],
    ["generate", "--model", "base", "--prompt", "x", "--out", "images", "--save-latents", place],
    ["grid", "photos", "--out", place],
    ["import", "a file", "--out", place],
    ["export", "base", "--format", "onnx", "--out", place],
    ["merge", "--model", "base", "--lora", "a file", "--out", place],
    ["pull", "model", "anna/toys", "--out", place],
    ["pull", "dataset", "anna/toys", "--out", place],
    ["demo", "--out", place],
    ["new-model", "tiny", place],
  ]
  const places = [["a file/x/y", `${join(folder, "a file")} is a file`]]
  if (existsSync("/proc/self")) places.push(["/proc/fjord/x", "the system keeps no files there (/proc)"])
  for (const [place = "", reason] of places)
    for (const args of commands(place)) {
      const { status, stderr } = fjord(...args)
      const says = `${place} cannot be written, because ${reason}; choose another `
      assert.ok(stderr.startsWith(says) && stderr.trimEnd().split("\n").length === 1, `${args.join(" ")}: ${stderr}`)
      assert.equal(status, 1)
    }
  assert.ok(!existsSync(join(folder, "images")))
})

test("generate names the flag that is missing or out of range", () => {
  refused(["generate", "--prompt", "x"], "fjord generate needs a model: give --model DIR, or --config CONFIG.yml.")
  const given = ["generate", "--model", "m", "--prompt", "x", "--out", "o"]
  refused([...given, "--width", "500"], "fjord generate: --width must be a multiple of 8, got 500.")
  refused([...given, "--steps", "many"], 'fjord generate: --steps must be of type number, got "many".')
  refused(given, "The model folder m does not exist; give a folder in diffusers' layout, or an id on the Hub.")
  mkdirSync(join(folder, "m"))
  refused([...given, "--lora", "no.safetensors:0.5"], "The LoRA file no.safetensors does not exist.")
  refused([...given, "--init-image", "no.png"], "The picture no.png does not exist.")
  refused([...given, "--strength", "0.5"], "--strength needs a picture to start from: give --init-image FILE.")
  refused([...given, "--strength", "2"], "fjord generate: --strength must be at most 1, got 2.")
})

test("new-model and grid check their arguments before they work", () => {
  refused(["new-model", "sd3", "d"], "fjord new-model makes sd15, sd21, tiny, got sd3.")
  refused(["grid", "nothing"], "nothing does not exist.")
})

test("an unknown command suggests the right one", () => {
  const { status, stderr } = fjord("trian")
  assert.notEqual(status, 0)
  assert.match(stderr, /Did you mean train\?/)
})

test("--help succeeds", () => assert.equal(fjord("--help").status, 0))

test("with --json every command that makes something prints an object a line that says what, and nothing else", async () => {
  const objects = (...args: string[]): Record<string, unknown>[] => {
    const { status, stdout, stderr } = fjord(...args, "--json")
    assert.deepEqual([status, stderr], [0, ""])
    const lines = stdout.split("\n")
    assert.equal(lines.pop(), "", "ends with a whole line")
    return lines.map((line) => JSON.parse(line))
  }
  const typed = (...args: string[]) => {
    const events = objects(...args)
    assert.ok(events.every(({ type }) => typeof type === "string"))
    return events
  }
  assert.deepEqual(objects("new-model", "tiny", "made"), [{ type: "Written", path: "made" }])

  mkdirSync(join(folder, "few"))
  const rgb = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 37) % 251)
  writeFileSync(join(folder, "few", "a.png"), await encodePng({ width: 64, height: 64, rgb }))
  const prior = "with_prior_preservation: true\nclass_prompt: a toy\nclass_images: class\nnum_class_images: 1\n"
  const few = config.replace("base", "made").replace("photos", "few").replace("output: out", "output: trained")
  writeFileSync(join(folder, "few.yml"), `${few}${prior}resolution: 64\nmax_train_steps: 1\n`)
  const trained = typed("train", "few.yml")
  assert.deepEqual(
    ["ClassImageGenerated", "RunStarted", "StepFinished", "RunFinished"].filter(
      (wanted) => !trained.some(({ type }) => type === wanted),
    ),
    [],
  )

  const lora = "trained/pytorch_lora_weights.safetensors"
  const drawn = ["generate", "--model", "made", "--prompt", "x", "--steps", "1", "--width", "64", "--height", "64"]
  const [last] = typed(...drawn, "--lora", lora, "--out", "drawn").slice(-1)
  assert.equal(last?.type, "ImageSaved")
  assert.deepEqual(objects("grid", "drawn", "--out", "sheet.png"), [{ type: "Written", path: "sheet.png" }])
  writeFileSync(join(folder, "drawn", "b.bmp"), "BM")
  assert.deepEqual(objects("grid", "drawn", "--out", "less.png"), [
    {
      type: "Message",
      level: "warning",
      text: "left out: b.bmp is a BMP picture, which is not supported; save it as JPEG, PNG or WebP.",
    },
    { type: "Written", path: "less.png" },
  ])
  const written = (...args: string[]) => assert.equal(typed(...args).at(-1)?.type, "Written")
  written("merge", "--model", "made", "--lora", lora, "--out", "merged")
  written("export", lora, "--format", "kohya", "--model", "made", "--out", "kohya.safetensors")
  written("import", "kohya.safetensors", "--model", "made", "--out", "imported")

  const [machine, ...jobs] = objects("doctor")
  assert.equal(machine?.type, "Machine")
  assert.ok(Number(machine?.memoryBytes) > 0 && jobs.length > 0)
  for (const { type, job, can } of jobs)
    assert.ok(type === "Job" && typeof job === "string" && typeof can === "boolean")
})

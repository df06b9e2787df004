/** Too little room, on the disk and in memory. The small disk is mounted in a namespace of its own, for which nobody needs rights. */

import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, describe, test } from "node:test"
import { fileURLToPath } from "node:url"
import { encodePng, newModel } from "@fjord/diffusion"

const folder = mkdtempSync(join(tmpdir(), "fjord-cli-room-"))
after(() => rmSync(folder, { recursive: true }))

const main = fileURLToPath(new URL("./main.ts", import.meta.url))
const { FJORD_DEBUG: _, ...env } = process.env

await newModel("tiny", join(folder, "model"), 1)
for (const name of ["photos", "disk"]) mkdirSync(join(folder, name))
// Noise, which no compression makes small.
const rgb = randomBytes(256 * 256 * 3)
writeFileSync(join(folder, "photos", "1.png"), await encodePng({ width: 256, height: 256, rgb }))

const config = `model: model
instance_images: photos
instance_prompt: a photo of sks toy
output: disk/run
method: full
max_train_steps: 1
threads: 1
`
const write = (name: string, text: string) => writeFileSync(join(folder, name), text)

/** The command fails with one line on stderr that matches, and leaves no file on the disk. */
function refused(disk: string | undefined, args: readonly string[], message: RegExp) {
  const mounted = `mount -t tmpfs -o size=${disk} tmpfs disk && { "$@"; status=$?; find disk -type f >&2; exit $status; }`
  const command = [process.execPath, main, ...args]
  const [program = "", ...rest] =
    disk === undefined ? command : ["unshare", "--map-root-user", "--mount", "sh", "-c", mounted, "sh", ...command]
  const { status, stderr } = spawnSync(program, rest, { cwd: folder, encoding: "utf8", env })
  assert.match(stderr, message)
  assert.equal(stderr.trimEnd().split("\n").length, 1, stderr)
  assert.equal(status, 1)
}

const small = "mkdir -p small && mount -t tmpfs -o size=4k tmpfs small"
const mounts = spawnSync("unshare", ["--map-root-user", "--mount", "sh", "-c", small], { cwd: folder }).status === 0
const skip = mounts ? false : "a small disk cannot be mounted here"

describe("a disk that is too small is one sentence that says what is needed, and leaves nothing behind", {
  skip,
}, () => {
  test("for a training run before its first step", () => {
    write("full.yml", `${config}resolution: 64\n`)
    refused(
      "1m",
      ["train", "full.yml"],
      /^The disk has only 1\.0 MB free for disk.run, but this run leaves 13\.\d MB there \(a result of 4\.\d MB and a checkpoint of 9\.\d MB\): free some/,
    )
  })

  test("for an image, a contact sheet, a model and a checkpoint", () => {
    const drawn = ["generate", "--model", "model", "--prompt", "x", "--steps", "1", "--width", "64", "--height", "64"]
    refused("4k", [...drawn, "--out", "disk/o"], /^The disk is full: disk.o.image-42\.png needs \d+ bytes\. Free some/)
    refused("4k", ["grid", "photos", "--out", "disk/g.png"], /^The disk is full: disk.g\.png needs \d+ bytes\./)
    refused("1m", ["new-model", "tiny", "disk/m"], /^The disk is full: disk.m.unet.*safetensors needs \d+ bytes\./)
    const single = ["export", "model", "--format", "single-file", "--out", "disk/s.safetensors"]
    refused("1m", single, /^The disk is full: .*s\.safetensors needs \d+ bytes\./)
  })
})

test("a run that does not fit in memory is refused before it begins, with the settings that need less", () => {
  write("large.yml", `${config}resolution: 2048\ntrain_batch_size: 1024\n`)
  refused(
    undefined,
    ["train", "large.yml"],
    /^Training would take about [\d.]+ GB, but [\d.]+ GB of memory are available .*: train_batch_size: 1, use_8bit_adam: true, method: lora, a resolution below 2048\.$/m,
  )
})

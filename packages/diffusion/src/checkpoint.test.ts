import assert from "node:assert/strict"
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, truncate, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, it } from "node:test"
import { type CheckpointContent, latestCheckpoint, loadCheckpoint, saveCheckpoint } from "./checkpoint.ts"

function contentOf(step: number): CheckpointContent {
  return {
    trainable: new Map([
      ["unet.b", Float32Array.of(step, 0.1)],
      ["unet.a", Float32Array.of(-step)],
    ]),
    optimiser: new Map<string, Float32Array | Uint8Array>([
      ["unet.a.m", Float32Array.of(0.5)],
      ["unet.b.m8", Uint8Array.of(1, 2, 255)],
    ]),
    state: { step, losses: [0.25, 0.125] },
  }
}

describe("checkpoints", () => {
  let root = ""
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "fjord-checkpoint-"))
  })
  afterEach(() => rm(root, { recursive: true, force: true }))
  const directoryOf = (step: number) => join(root, "checkpoints", `step-${String(step).padStart(8, "0")}`)

  it("come back as they were saved", async () => {
    await saveCheckpoint(root, 100, contentOf(100), 2)
    const { checkpoint, broken } = await latestCheckpoint(root)
    assert.deepEqual({ checkpoint, broken }, { checkpoint: { step: 100, directory: directoryOf(100) }, broken: [] })
    assert.ok(checkpoint)
    assert.deepEqual(await loadCheckpoint(checkpoint), contentOf(100))
  })

  it("are the same bytes for the same content", async () => {
    await saveCheckpoint(root, 100, contentOf(100), 2)
    const first = await readFile(join(directoryOf(100), "manifest.json"))
    await saveCheckpoint(root, 100, contentOf(100), 2)
    assert.deepEqual(await readFile(join(directoryOf(100), "manifest.json")), first)
  })

  it("are kept up to the last K", async () => {
    for (const step of [1, 2, 3, 4]) await saveCheckpoint(root, step, contentOf(step), 2)
    assert.deepEqual((await readdir(join(root, "checkpoints"))).sort(), ["step-00000003", "step-00000004"])
  })

  it("of a course that was left are removed when an earlier step is saved", async () => {
    for (const step of [10, 30]) await saveCheckpoint(root, step, contentOf(step), 2)
    await saveCheckpoint(root, 20, contentOf(20), 1)
    assert.deepEqual(await readdir(join(root, "checkpoints")), ["step-00000020"])
  })

  it("are null where there are none", async () => {
    assert.deepEqual(await latestCheckpoint(root), { checkpoint: null, broken: [] })
  })

  const damages: Record<string, (directory: string) => Promise<void>> = {
    "truncated weights": (directory) => truncate(join(directory, "trainable.safetensors"), 40),
    "a flipped byte in the optimiser state": async (directory) => {
      const path = join(directory, "optimiser.safetensors")
      const bytes = await readFile(path)
      bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1
      await writeFile(path, bytes)
    },
    "a missing state": (directory) => rm(join(directory, "state.json")),
    "a missing manifest": (directory) => rm(join(directory, "manifest.json")),
    "a truncated manifest": (directory) => truncate(join(directory, "manifest.json"), 30),
  }
  for (const [damage, apply] of Object.entries(damages)) {
    it(`with ${damage} are passed over for the one before, and said to be broken`, async () => {
      for (const step of [100, 200]) await saveCheckpoint(root, step, contentOf(step), 3)
      await apply(directoryOf(200))
      const { checkpoint, broken } = await latestCheckpoint(root)
      assert.equal(checkpoint?.step, 100)
      assert.deepEqual(
        broken.map(({ step }) => step),
        [200],
      )
      assert.match(broken[0]?.reason ?? "", /^The checkpoint of step 200 in .* is broken: /)
    })
  }

  it("that were half written are ignored and cleaned away", async () => {
    await saveCheckpoint(root, 100, contentOf(100), 3)
    const partial = join(root, "checkpoints", ".step-00000200.partial")
    await mkdir(partial)
    await writeFile(join(partial, "trainable.safetensors"), "half")
    assert.equal((await latestCheckpoint(root)).checkpoint?.step, 100)
    assert.deepEqual(await readdir(join(root, "checkpoints")), ["step-00000100"])
  })

  it("that were about to be replaced when the process died are put back", async () => {
    await saveCheckpoint(root, 100, contentOf(100), 3)
    await cp(directoryOf(100), join(root, "checkpoints", ".step-00000100.partial"), { recursive: true })
    await rename(directoryOf(100), join(root, "checkpoints", ".step-00000100.replaced"))
    assert.equal((await latestCheckpoint(root)).checkpoint?.step, 100)
    assert.deepEqual(await readdir(join(root, "checkpoints")), ["step-00000100"])
  })
})

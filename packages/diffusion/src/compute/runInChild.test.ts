import assert from "node:assert/strict"
import { test } from "node:test"
import { assertEndsWithParent, childrenOf, withSilentPipe } from "../../../../test/orphans.ts"
import type { Job } from "./job.ts"
import { withMemoryAdvice } from "./memoryRanOut.ts"
import { ComputeLost, runInChild } from "./runInChild.ts"

const module = (path: string) => JSON.stringify(new URL(path, import.meta.url).href)

test("a compute process ends with whoever started it, also when that is killed in the middle of the work", () =>
  withSilentPipe("model_index.json", ({ folder, isRead }) =>
    assertEndsWithParent(
      `import { runInChild } from ${module("./runInChild.ts")}
       await runInChild({ kind: "generate", config: ${JSON.stringify({ model: folder, embeddings: [] })} }).next()`,
      isRead,
    ),
  ))

test("the process that measures the machine ends with whoever started it", () =>
  assertEndsWithParent(
    `import { measureMachine } from ${module("./measureMachine.ts")}
     await measureMachine(1, 1e9)`,
    () => true,
  ))

test("a job whose process is ended as memory that runs out ends it is lost, with what needs less memory", () =>
  withSilentPipe("model_index.json", async ({ folder }) => {
    const jobs = [
      [{ kind: "generate", config: { model: folder, embeddings: [] } }, "SIGKILL", /a smaller width and height/],
      [{ kind: "train", config: { model: folder }, resume: false }, "SIGTRAP", /memory_mode: recompute.*then resume/],
    ] as const
    for (const [job, signal, advice] of jobs) {
      const next = runInChild(job as unknown as Job).next()
      for (const child of childrenOf(process)) if (child !== undefined) process.kill(child, signal)
      await assert.rejects(next, (error: unknown) => {
        assert.ok(error instanceof ComputeLost)
        assert.match(error.message, new RegExp(`ended by ${signal}, most often because memory ran out; `))
        assert.match(error.message, advice)
        return true
      })
    }
  }))

test("memory that runs out in ONNX Runtime, the C++ library or V8 is called so; other failures stay as they are", () => {
  for (const words of [
    "std::bad_alloc",
    "Array buffer allocation failed",
    "pthread_create failed:\nCannot allocate memory",
  ])
    assert.match(
      withMemoryAdvice(words, "convert"),
      /^Memory ran out \([^\n]+\); close other programs, then try again\.$/,
    )
  assert.equal(withMemoryAdvice("The picture is too small.", "train"), "The picture is too small.")
})

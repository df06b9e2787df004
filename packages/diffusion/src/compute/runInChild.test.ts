import { test } from "node:test"
import { assertEndsWithParent, withSilentPipe } from "../../../../test/orphans.ts"

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

import assert from "node:assert/strict"
import { mkdtempSync } from "node:fs"
import { join } from "node:path"
import { describe, test } from "node:test"
import { startStandIn } from "../../../../test/hub/standIn.ts"
import { scratchFolder } from "../hub.fixture.ts"
import { memoryOf, writeLargeFile } from "./largeFile.fixture.ts"

/** Enough to show that memory does not grow with the file: three pieces of 64 MB, as Xet sends them, and some. */
const fileBytes = 200_000_000
const mostBytes = 200_000_000

const scratch = scratchFolder()
const file = join(scratch, "model.safetensors")
writeLargeFile(file, fileBytes)

const ways = { basic: "in one piece", multipart: "in parts", xet: "by Xet" } as const

for (const transfer of ["basic", "multipart", "xet"] as const)
  describe(`a file of ${fileBytes / 1e6} MB that goes ${ways[transfer]}`, () => {
    test("takes less than 200 MB of memory up and down", async (context) => {
      const standIn = await startStandIn({ transfer })
      try {
        standIn.add("model", "anna/large")
        const cache = mkdtempSync(join(scratch, "cache-"))
        for (const what of [transfer === "xet" ? "push by xet" : "push", "pull"] as const) {
          const { bytes } = await memoryOf(what, standIn, cache, file)
          context.diagnostic(`${what}: memory rose by ${(bytes / 1e6).toFixed(0)} MB`)
          assert.ok(bytes > 0 && bytes < mostBytes, `${what}: ${bytes}`)
        }
        const sent = standIn.seen.filter(({ server, method }) => server === "storage" && method !== "GET")
        assert.equal(
          sent.some(({ path }) => path.includes("/xorbs/")),
          transfer === "xet",
        )
      } finally {
        await standIn.close()
      }
    })
  })

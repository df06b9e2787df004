import assert from "node:assert/strict"
import { execFile } from "node:child_process"
import { mkdtempSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { type StandIn, startStandIn } from "../../../../test/hub/standIn.ts"
import { scratchFolder } from "../hub.fixture.ts"

/** Enough to show that memory does not grow with the file. */
const fileBytes = Number(process.env.FJORD_TEST_FILE_BYTES ?? 250_000_000)
const mostBytes = 200_000_000

const scratch = scratchFolder()
let standIn: StandIn
before(async () => {
  standIn = await startStandIn()
  standIn.add("model", "anna/large")
})
after(() => standIn.close())

for (const what of ["push", "pull"])
  test(`a ${what} of ${fileBytes / 1e6} MB takes less than 200 MB of memory`, async (context) => {
    const file = join(scratch, "model.safetensors")
    writeFileSync(file, "")
    truncateSync(file, fileBytes)
    const program = fileURLToPath(new URL("memory.fixture.ts", import.meta.url))
    const cache = mkdtempSync(join(scratch, "cache-"))
    const options = [program, what, standIn.endpoint, standIn.token, cache, file]
    const { stdout } = await promisify(execFile)(process.execPath, options)
    context.diagnostic(`memory rose by ${(Number(stdout) / 1e6).toFixed(0)} MB`)
    assert.ok(Number(stdout) > 0 && Number(stdout) < mostBytes, stdout)
  })

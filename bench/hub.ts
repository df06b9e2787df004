/**
 * What a large file costs on its way to the Hub and back, with the stand-in on this machine:
 *
 *     node bench/hub.ts [--bytes 4e9] [basic] [multipart] [xet]
 *
 * Prints for each way, up and down: how much the memory of the process rose (and its share of the 200 MB that are
 * allowed), the seconds, and their ratio to reading and hashing the file once in the same run.
 */

import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { hashFile } from "../packages/hub/src/transfer/hash.ts"
import { memoryOf, writeLargeFile } from "../packages/hub/src/transfer/largeFile.fixture.ts"
import { startStandIn } from "../test/hub/standIn.ts"

const { values, positionals } = parseArgs({
  options: { bytes: { type: "string", default: "4e9" } },
  allowPositionals: true,
})
const bytes = Number(values.bytes)
const known = ["basic", "multipart", "xet"] as const
const ways = known.filter((way) => positionals.length === 0 || positionals.includes(way))
const allowed = 200_000_000

const scratch = mkdtempSync(join(tmpdir(), "fjord-bench-hub-"))
try {
  const file = join(scratch, "model.safetensors")
  writeLargeFile(file, bytes)
  const began = performance.now()
  await hashFile(file, "sha256", bytes)
  const hashing = (performance.now() - began) / 1000
  console.log(`${bytes / 1e9} GB; hashing it once takes ${hashing.toFixed(1)} s`)
  for (const transfer of ways) {
    const standIn = await startStandIn({ transfer })
    standIn.add("model", "anna/large")
    const cache = mkdtempSync(join(scratch, "cache-"))
    for (const work of [transfer === "xet" ? "push by xet" : "push", "pull"] as const) {
      const { bytes: risen, seconds } = await memoryOf(work, standIn, cache, file)
      const memory = `+${(risen / 1e6).toFixed(0)} MB (${(risen / allowed).toFixed(2)} of what is allowed)`
      console.log(
        `${transfer} ${work}: ${memory}, ${seconds.toFixed(1)} s, ${(seconds / hashing).toFixed(1)} × hashing`,
      )
    }
    rmSync(cache, { recursive: true })
    await standIn.close()
  }
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

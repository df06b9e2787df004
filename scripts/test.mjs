/** `npm test`: install what is due, check types and style, run every test, and end with one line of counts. */

import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { availableParallelism, tmpdir } from "node:os"
import { join } from "node:path"
import { install, npm, root } from "./install.mjs"

const node = install()

// Ctrl-C ends the tests, not this: it tidies up behind them.
process.on("SIGINT", () => {})

const env = { ...process.env, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" }
const checkStatus = npm(["run", "--silent", "check"], { env })

const scratch = mkdtempSync(join(tmpdir(), "fjord-test-"))
const countsFile = join(scratch, "counts.json")
const patterns = ["packages/*/src/**/*.test.ts", "apps/*/src/**/*.test.ts", "test/**/*.test.ts"]
const { status } = spawnSync(
  node,
  [
    "--test",
    // Many tests wait, for silence or a browser; on two cores node would run one file at a time.
    `--test-concurrency=${Math.max(2, availableParallelism() - 1)}`,
    "--test-reporter=spec",
    "--test-reporter-destination=stdout",
    "--test-reporter=./scripts/testCounts.mjs",
    `--test-reporter-destination=${countsFile}`,
    ...patterns,
  ],
  { cwd: root, stdio: ["ignore", "inherit", "inherit"], env },
)

// What a test that was killed has left behind.
spawnSync(node, [join(root, "scripts", "removeTestDatabases.ts")], { stdio: "inherit", env })

const text = existsSync(countsFile) ? readFileSync(countsFile, "utf8") : ""
rmSync(scratch, { recursive: true, force: true })
if (checkStatus !== 0) console.log("npm run check failed; its messages are above the tests.")
if (text === "") {
  console.log("The tests did not finish; the messages above say why.")
  process.exit(1)
}
const counts = JSON.parse(text)
const skipped = counts.skipped + counts.todo
console.log(`${counts.passed} passed, ${counts.failed + counts.cancelled} failed, ${skipped} skipped`)
process.exit(checkStatus !== 0 ? 1 : (status ?? 1))

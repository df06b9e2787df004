/** Installs what is due, then runs a TypeScript file of the repository: `node scripts/run.mjs FILE ARGUMENTS…`. */

import { spawn } from "node:child_process"
import { resolve } from "node:path"
import { install, root } from "./install.mjs"

const [file, ...args] = process.argv.slice(2)
if (file === undefined) {
  console.error("run.mjs needs the file to run: node scripts/run.mjs FILE ARGUMENTS…")
  process.exit(2)
}
const node = install()
// npm changes to the repository's root; relative paths belong to the folder in which the person typed them.
const child = spawn(node, [resolve(root, file), ...args], {
  cwd: process.env.INIT_CWD ?? process.cwd(),
  stdio: "inherit",
})
// A terminal sends Ctrl-C to the whole group: the child decides what to do, and this process waits for it.
process.on("SIGINT", () => {})
process.on("SIGTERM", () => child.kill("SIGTERM"))
child.on("error", (error) => {
  console.error(`${file} could not be started: ${error.message}.`)
  process.exit(1)
})
child.on("exit", (code, signal) => process.exit(signal === null ? (code ?? 1) : 1))

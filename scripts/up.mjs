/** `npm start`: installs what is due, then starts the whole studio and prints its address. */

import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { install, root } from "./install.mjs"

const node = install()
const child = spawn(node, [fileURLToPath(new URL("studio/main.ts", import.meta.url))], { cwd: root, stdio: "inherit" })
// A terminal sends Ctrl-C to the whole group: the studio stops in order, and this process waits for it.
process.on("SIGINT", () => {})
process.on("SIGTERM", () => child.kill("SIGTERM"))
child.on("error", (error) => {
  console.error(`The studio could not be started: ${error.message}.`)
  process.exit(1)
})
child.on("exit", (code, signal) => process.exit(signal === null ? (code ?? 1) : 1))

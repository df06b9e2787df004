/** Installs what is due, then runs a TypeScript file of the repository: `node scripts/run.mjs FILE ARGUMENTS…`. */

import { resolve } from "node:path"
import { runAttached } from "./attached.mjs"
import { install, root } from "./install.mjs"

const [file, ...args] = process.argv.slice(2)
if (file === undefined) {
  console.error("run.mjs needs the file to run: node scripts/run.mjs FILE ARGUMENTS…")
  process.exit(2)
}
const node = install()
try {
  // npm changes to the repository's root; relative paths belong to the folder in which the person typed them.
  const { status } = await runAttached(node, [resolve(root, file), ...args], process.env.INIT_CWD ?? process.cwd())
  process.exit(status)
} catch (error) {
  console.error(`${file} could not be started: ${error.message}.`)
  process.exit(1)
}

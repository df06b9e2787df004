/** `npm start`: installs what is due, then starts the whole studio and prints its address. */

import { fileURLToPath } from "node:url"
import { runAttached } from "./attached.mjs"
import { install, root } from "./install.mjs"

const node = install()
const run = (file) => runAttached(node, [fileURLToPath(new URL(`studio/${file}`, import.meta.url))], root)
try {
  const { status, signal } = await run("main.ts")
  // Killed, it could not stop Postgres, which runs in a group of its own; server and workers have heard of it by themselves.
  if (signal !== null) await run("endPostgres.ts")
  process.exit(status)
} catch (error) {
  console.error(`The studio could not be started: ${error.message}.`)
  process.exit(1)
}

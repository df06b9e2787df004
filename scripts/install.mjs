/**
 * Installs the packages when they are missing or the lock file has changed, and finds the Node that runs Fjord.
 * Has no dependencies and parses on Node 20, because it runs before anything is installed.
 */

import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { generateClient } from "./generateClient.mjs"

const neededMajor = 24

export const root = fileURLToPath(new URL("..", import.meta.url))
const hashFile = fileURLToPath(new URL("../node_modules/.fjord-lock-hash", import.meta.url))

/** Ends the process with one sentence. */
function refuse(sentence) {
  console.error(sentence)
  process.exit(1)
}

/** Runs npm in the repository's root; returns its exit status. npm_execpath is the npm that started us, if one did. */
export function npm(args, options = {}) {
  const cli = process.env.npm_execpath
  const npmScript = cli !== undefined && /npm-cli\.js$/.test(cli)
  const [command, rest] = npmScript ? [process.execPath, [cli, ...args]] : ["npm", args]
  const shell = !npmScript && process.platform === "win32"
  const result = spawnSync(command, rest, { cwd: root, stdio: "inherit", shell, ...options })
  if (result.error) refuse(`npm could not be started: ${result.error.message}.`)
  return result.status ?? 1
}

/** The major version of a Node binary, or 0 where it does not run. */
function majorOf(node) {
  const { stdout } = spawnSync(node, ["--version"], { encoding: "utf8" })
  return Number(/^v(\d+)/.exec(stdout ?? "")?.[1] ?? 0)
}

/** @returns the path of a Node of at least version 24. */
function findNode() {
  const name = process.platform === "win32" ? "node.exe" : "node"
  const candidates = [fileURLToPath(new URL(`../node_modules/.bin/${name}`, import.meta.url)), process.execPath]
  for (const candidate of candidates) {
    if (existsSync(candidate) && majorOf(candidate) >= neededMajor) return candidate
  }
  return refuse(
    `Fjord needs Node ${neededMajor}; npm brings none for ${process.platform} ${process.arch} and this one is ` +
      `${process.version}: install Node ${neededMajor} or newer and try again.`,
  )
}

/**
 * Installs what package-lock.json names and generates the database client, each where that is due.
 * @returns the path of the Node to run Fjord with.
 */
export function install() {
  const lock = readFileSync(new URL("../package-lock.json", import.meta.url))
  const hash = createHash("sha256").update(lock).digest("hex")
  const installed = existsSync(hashFile) ? readFileSync(hashFile, "utf8").trim() : ""
  if (installed !== hash) {
    console.error("Installing packages (npm ci), a minute or more ...")
    // Some packages want the Node that comes with them: npm's warnings about the one that starts this say nothing of use.
    const quiet = ["--loglevel=error", "--no-audit", "--no-fund"]
    const status = npm(["ci", "--include=dev", "--include=optional", ...quiet], { stdio: ["ignore", 2, 2] })
    if (status !== 0) refuse(`npm ci failed with status ${status}; its message is above.`)
    writeFileSync(hashFile, hash)
  }
  const node = findNode()
  if (!generateClient(node)) process.exit(1)
  return node
}

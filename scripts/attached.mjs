/** Runs a process in this one's stead: signals and the end of either reach the other. Parses on Node 20, as install.mjs does. */

import { spawn } from "node:child_process"

const lookMs = 1000

/**
 * Runs a program of Node on this terminal. It hears "disconnect" when this process is gone, however that came about.
 * @returns its exit status, and the signal that ended it, or null
 */
export function runAttached(node, args, cwd) {
  const child = spawn(node, args, { cwd, stdio: ["inherit", "inherit", "inherit", "ipc"] })
  // A terminal sends Ctrl-C to the whole group: the child decides what to do, and this process waits for it.
  process.on("SIGINT", () => {})
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill("SIGTERM"))
  const parent = process.ppid
  // An npm that is killed takes nobody with it, and nobody is left to whom the terminal belongs.
  const looking = setInterval(() => {
    if (process.env.npm_lifecycle_event === undefined || process.ppid === parent) return
    clearInterval(looking)
    if (child.connected) child.disconnect()
  }, lookMs)
  return new Promise((resolve, reject) => {
    child.on("error", reject)
    child.on("exit", (code, signal) => {
      clearInterval(looking)
      resolve({ status: signal === null ? (code ?? 1) : 1, signal })
    })
  })
}

/** What test databases leave behind when their process was killed before it could tidy up. */

import { execFileSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

/** Test databases lie in the folder for temporary files under this and the number of their process. */
export const testFolderPrefix = "fjord-test-db-"

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM"
  }
}

/** The Postgres that has the folder's cluster open, if one has; a number that is another program's by now does not count. */
function postgresOf(folder: string): number | undefined {
  try {
    const pid = Number(readFileSync(join(folder, "data", "postmaster.pid"), "utf8").split("\n")[0])
    const command = execFileSync("ps", ["-p", String(pid), "-o", "args="], { encoding: "utf8" })
    return command.includes(folder) ? pid : undefined
  } catch {
    return undefined
  }
}

/** Ends it at once and waits, for what it writes while it ends would be left. */
async function endPostgres(folder: string) {
  const pid = postgresOf(folder)
  if (pid === undefined) return
  process.kill(pid, "SIGQUIT")
  for (let waited = 0; lives(pid) && waited < 10_000; waited += 50) await sleep(50)
}

/** Ends the databases of test processes that are no more, and removes their folders. @returns how many. */
export async function removeAbandonedDatabases(): Promise<number> {
  const abandoned = readdirSync(tmpdir()).filter((name) => {
    const [, pid] = /^fjord-test-db-(\d+)-/.exec(name) ?? []
    return pid !== undefined && !lives(Number(pid))
  })
  for (const name of abandoned) {
    const folder = join(tmpdir(), name)
    await endPostgres(folder)
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  return abandoned.length
}

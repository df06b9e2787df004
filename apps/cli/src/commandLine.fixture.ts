/** The command as a process of its own, with the stand-in as its Hub where there is one. */

import assert from "node:assert/strict"
import { type ChildProcess, execFile } from "node:child_process"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { StandIn } from "../../../test/hub/standIn.ts"

const main = fileURLToPath(new URL("./main.ts", import.meta.url))

/** `status` is null for a process that a signal has ended. */
export type Ended = { readonly status: number | null; readonly stdout: string; readonly stderr: string }

export type Surroundings = {
  readonly standIn?: StandIn
  /** Where it is started; the cache of the Hub is in `home` in it. */
  readonly folder: string
  readonly variables?: Readonly<Record<string, string>>
  readonly onStart?: (child: ChildProcess) => void
}

/** Whatever it prints, the token is not in it. */
export function fjord(args: readonly string[], { standIn, folder, variables, onStart }: Surroundings): Promise<Ended> {
  const { FJORD_DEBUG: _, ...inherited } = process.env
  const hub = standIn && { HF_ENDPOINT: standIn.endpoint, HF_TOKEN: standIn.token }
  const env = { ...inherited, ...hub, HF_HOME: join(folder, "home"), ...variables }
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [main, ...args], { cwd: folder, env }, (_error, stdout, stderr) => {
      assert.ok(standIn === undefined || !(stdout + stderr).includes(standIn.token))
      resolve({ status: child.exitCode, stdout, stderr })
    })
    onStart?.(child)
  })
}

/** Builds the dashboard when its sources are newer than what was built last. */

import { spawnSync } from "node:child_process"
import { existsSync, globSync, statSync } from "node:fs"
import { join } from "node:path"

const dashboard = join(import.meta.dirname, "../../apps/dashboard")
const sources = ["src/**/*.{ts,tsx,css,graphql,svg}", "next.config.ts", "package.json", "../server/schema.graphql"]

/** @throws Error with the end of the build's output when it fails. */
export function ensureBuilt() {
  const built = join(dashboard, ".next/BUILD_ID")
  const changed = globSync(sources, { cwd: dashboard, exclude: ["src/graphql/generated/**"] }).map(
    (file) => statSync(join(dashboard, file)).mtimeMs,
  )
  if (existsSync(built) && statSync(built).mtimeMs > Math.max(...changed)) return
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "production" as const }
  const { status, stdout, stderr } = spawnSync("npm", ["run", "--silent", "build"], {
    cwd: dashboard,
    env,
    encoding: "utf8",
    shell: process.platform === "win32",
  })
  if (status !== 0) throw new Error(`The dashboard could not be built:\n${`${stdout}${stderr}`.slice(-3000)}`)
}

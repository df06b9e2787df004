/** The process that plans runs: graphs of a whole model are built, which would keep the server from answering for a second. */

import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { planRun } from "@fjord/diffusion/planRun"
import type { PlannerJob, PlannerResult } from "./plannerJob.ts"

const readConfig = async (folder: string, part: string): Promise<unknown> =>
  JSON.parse(await readFile(join(folder, part, "config.json"), "utf8"))

async function plan({ folder, ...planned }: PlannerJob) {
  const [unet, vae, textEncoder] = await Promise.all(
    ["unet", "vae", "text_encoder"].map((part) => readConfig(folder, part)),
  )
  return planRun({ ...planned, configs: { unet, vae, textEncoder } })
}

// The server has gone. To exit would be to wait for reads and decodings that may never end.
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"))
process.on("message", async ({ id, ...job }: PlannerJob & { id: number }) => {
  const result: PlannerResult = await plan(job).then(
    (forecast) => ({ id, forecast }),
    (error: unknown) => ({ id, problem: error instanceof Error ? error.message : String(error) }),
  )
  process.send?.(result)
})

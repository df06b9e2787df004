/** The thread count of a run, fixed by its first worker: results are equal to the byte only at equal counts. */

import { z } from "zod"
import type { Job } from "./job.ts"

const withThreads = z.looseObject({ options: z.looseObject({ threads: z.int().min(0).default(0) }) })

/** @returns the run's config; where it leaves the threads to the worker, with this worker's, which the row then has too. */
export async function pinThreads({ studio, run, owned }: Job) {
  const config = withThreads.parse(run.config)
  if (config.options.threads > 0) return config
  const pinned = { ...config, options: { ...config.options, threads: studio.environment.threads } }
  await studio.database.run.updateMany({
    where: { id: run.id, attempt: owned.claim.attempt },
    data: { config: JSON.parse(JSON.stringify(pinned)) },
  })
  return pinned
}

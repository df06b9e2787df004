/** What a worker has told of its machine; one of an earlier version told less. */

import type { Worker } from "@fjord/db/prisma"
import { z } from "zod"

const device = z.looseObject({
  platform: z.string().nullable().catch(null),
  node: z.string().nullable().catch(null),
  processor: z.string().nullable().catch(null),
  cores: z.int().nullable().catch(null),
  freeMemoryBytes: z.number().nullable().catch(null),
  freeDiskBytes: z.number().nullable().catch(null),
  providers: z.array(z.string()).catch([]),
  jobs: z.array(z.object({ job: z.string(), bytes: z.number(), can: z.boolean() })).catch([]),
})

export type Device = z.infer<typeof device>

export const deviceOf = (worker: Pick<Worker, "device">): Device => device.parse(worker.device)

/** What crosses between the server and the process that plans runs. */

import type { PlannedRun, RunForecast } from "@fjord/diffusion/planRun"
import { z } from "zod"

export type PlannerJob = Omit<PlannedRun, "configs"> & {
  /** The model's, in diffusers' layout; its configurations are read. */
  readonly folder: string
}

const forecast = z.object({
  secondsPerStep: z.number(),
  seconds: z.number(),
  memoryBytes: z.number(),
  mode: z.enum(["recompute", "save"]),
  disk: z.object({ resultBytes: z.number(), checkpointBytes: z.number() }),
}) satisfies z.ZodType<RunForecast>

export const plannerResult = z.union([
  z.object({ id: z.int(), forecast }),
  z.object({ id: z.int(), problem: z.string() }),
])
export type PlannerResult = z.infer<typeof plannerResult>

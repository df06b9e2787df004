/** Names of the samplers that `scheduler` options take; the index of packages/diffusion/src/schedulers is total over them. */

import { z } from "zod"

export const schedulerNames = [
  "ddpm",
  "ddim",
  "pndm",
  "lms",
  "euler",
  "euler_ancestral",
  "heun",
  "dpmpp_2m",
  "dpmpp_2m_karras",
  "unipc",
  "dpmpp_2s",
  "deis",
  "dpm2",
  "lcm",
] as const

export const schedulerName = z.enum(schedulerNames)
export type SchedulerName = z.infer<typeof schedulerName>

/** Options that say on what a run computes; they are part of what makes two runs equal to the byte. */

import { z } from "zod"

export const machineOptions = {
  provider: z.enum(["cpu"]).default("cpu").describe("Execution provider of ONNX Runtime that computes."),
  threads: z
    .int()
    .min(0)
    .max(1024)
    .default(0)
    .describe("Threads that compute; 0 takes one per core. Runs are equal to the byte only at equal thread counts."),
}

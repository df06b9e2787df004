/** What crosses between the door for model files and its child. */

import { modelFileContents } from "@fjord/contracts"
import { z } from "zod"

export const modelDoorJob = z.object({ id: z.int(), file: z.string(), name: z.string() })
export type ModelDoorJob = z.infer<typeof modelDoorJob>

export const modelDoorResult = z.union([
  z.object({ id: z.int(), contents: modelFileContents }),
  z.object({ id: z.int(), problem: z.string() }),
])
export type ModelDoorResult = z.infer<typeof modelDoorResult>

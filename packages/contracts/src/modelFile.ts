/** What a single model file is, as the server found out at the door and the worker acts by. */

import { z } from "zod"

export const modelFileContents = z.discriminatedUnion("kind", [
  /** A whole model of the family: sd1, sd2 or sdxl. */
  z.strictObject({ kind: z.literal("checkpoint"), family: z.enum(["sd1", "sd2", "sdxl"]) }),
  z.strictObject({ kind: z.literal("lora") }),
  /** A textual-inversion embedding with the word that it has for itself. */
  z.strictObject({ kind: z.literal("embedding"), token: z.string().min(1) }),
])

export type ModelFileContents = z.infer<typeof modelFileContents>

/** What crosses between the door for pictures and its child. */

import { z } from "zod"

export const doorJob = z.object({
  id: z.int(),
  from: z.string(),
  /** Where the picture is written anew. */
  to: z.string(),
  maxPixels: z.int(),
  maxBytes: z.int(),
  /** Clockwise. */
  rotate: z.union([z.literal(0), z.literal(90), z.literal(180), z.literal(270)]),
  crop: z.object({ x: z.int(), y: z.int(), width: z.int(), height: z.int() }).optional(),
})
export type DoorJob = z.infer<typeof doorJob>

export const doorResult = z.union([
  z.object({
    id: z.int(),
    width: z.int(),
    height: z.int(),
    mediaType: z.enum(["image/jpeg", "image/png"]),
    perceptualHash: z.string(),
    sharpness: z.number(),
  }),
  z.object({ id: z.int(), problem: z.string() }),
])
export type DoorResult = z.infer<typeof doorResult>

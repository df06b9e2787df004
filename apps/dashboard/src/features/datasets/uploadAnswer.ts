/** What the server says of a file that was sent; loaded when it has said so. */

import { z } from "zod/mini"
import type { Sent } from "./uploadQueue.ts"

const storedAnswer = z.object({
  images: z.optional(z.array(z.object({ id: z.string() }))),
  skipped: z.optional(z.array(z.object({ name: z.string(), problem: z.string() }))),
  contents: z.optional(z.object({ kind: z.string() })),
  problem: z.optional(z.nullable(z.string())),
  message: z.optional(z.string()),
})

/** @param text JSON: `images` when stored, `problem` or `message` when not. */
export function readAnswer(status: number, text: string): Sent {
  const answer = storedAnswer.safeParse(parseJson(text))
  const problem = answer.data?.problem ?? answer.data?.message
  if (status < 300 && (problem === undefined || problem === null))
    return {
      stored: true,
      images: answer.data?.images ?? [],
      skipped: answer.data?.skipped ?? [],
      ...(answer.data?.contents && { contents: answer.data.contents }),
    }
  return { stored: false, problem: problem ?? `The server refused it with status ${status}.` }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

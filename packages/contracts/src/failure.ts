/** Why a run failed, for a person: what happened, why as far as it is known, and what to do. */

import { z } from "zod"

export const failure = z.strictObject({ message: z.string(), cause: z.string(), advice: z.string() })

export type Failure = z.infer<typeof failure>

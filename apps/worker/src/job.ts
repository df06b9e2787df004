/** A claimed run as its handler sees it. */

import type { Database } from "@fjord/db"
import type { Logger } from "pino"
import type { OwnedRun } from "./ownedRun.ts"
import type { RunRecorder } from "./runRecorder.ts"
import type { Studio } from "./studio.ts"

export type RunRow = NonNullable<Awaited<ReturnType<Database["run"]["findUnique"]>>>

export type Job = {
  readonly studio: Studio
  readonly run: RunRow
  readonly owned: OwnedRun
  readonly recorder: RunRecorder
  readonly log: Logger
  /** Folder of this attempt alone; it exists, is empty, and is removed afterwards. */
  readonly scratch: string
  /** When the attempt began, by performance.now(). */
  readonly began: number
}

/** Does a run's work; a run that is done has SUCCEEDED when it returns, one that was stopped has not. */
export type Handler = (job: Job) => Promise<void>

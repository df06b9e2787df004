/** What one worker process has; it lives as long as the process. */

import type { Database, FileStore, Notifications } from "@fjord/db"
import type { Logger } from "pino"
import type { Environment } from "./environment.ts"

export type Studio = {
  readonly database: Database
  readonly files: FileStore
  readonly notifications: Notifications
  readonly environment: Environment
  readonly log: Logger
  /** Folder of this process alone, emptied when it ends. */
  readonly scratch: string
}

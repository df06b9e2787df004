/** What a resolver and the functions behind it work with. */

import type { Database, FileStore, Notifications } from "@fjord/db"
import type { Logger } from "pino"
import type { Viewer } from "./access.ts"
import type { ImageDoor } from "./datasets/imageDoor.ts"
import type { Environment } from "./environment.ts"
import type { Keys } from "./keys.ts"
import type { Loaders } from "./loaders.ts"
import type { ModelDoor } from "./models/modelDoor.ts"
import type { Planner } from "./runs/planner.ts"

/** What one server process has: it lives as long as the process. */
export type Studio = {
  readonly database: Database
  readonly files: FileStore
  readonly notifications: Notifications
  readonly environment: Environment
  readonly imageDoor: ImageDoor
  readonly modelDoor: ModelDoor
  readonly planner: Planner
  /** A folder for what is on its way in; emptied when the server starts and stops. */
  readonly incoming: string
  /** Where browsers find this studio, without a slash at the end. */
  readonly url: string
  readonly keys: Keys
  readonly log: Logger
  /** The folder of the pictures that ship with Fjord. */
  readonly sampleConcept: string
  /** Whether the starter model lies on this machine. */
  readonly hasStarterModel: boolean
  /** Milliseconds since 1970 by the database's clock, which signs of life go by. */
  databaseNow(): number
}

/** What one operation has. */
export type Context = Studio & {
  readonly viewer: Viewer | null
  /** Asks again who this is: a subscription outlives sessions, tokens and memberships. */
  currentViewer(): Promise<Viewer | null>
  readonly loaders: Loaders
}

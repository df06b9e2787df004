/** The door for model files: what each is, found out in a child process before anything else reads it. */

import { type Door, openDoor } from "../door.ts"
import { type ModelDoorJob, type ModelDoorResult, modelDoorResult } from "./modelDoorJob.ts"

export type ModelDoor = Door<Omit<ModelDoorJob, "id">, ModelDoorResult>

export const openModelDoor = (): ModelDoor =>
  openDoor({
    child: new URL("./modelDoorChild.ts", import.meta.url),
    result: modelDoorResult,
    maxMs: 60_000,
    tooMuch: "It needs too much memory or time to read; it is damaged, or no model.",
  })

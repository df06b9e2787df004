/** The door for model files: what each is, found out in a child process before anything else reads it. */

import { openSideProcess, type SideProcess } from "../sideProcess.ts"
import { type ModelDoorJob, type ModelDoorResult, modelDoorResult } from "./modelDoorJob.ts"

export type ModelDoor = {
  readonly admit: SideProcess<Omit<ModelDoorJob, "id">, ModelDoorResult>["ask"]
  close(): void
}

export function openModelDoor(): ModelDoor {
  const side = openSideProcess<Omit<ModelDoorJob, "id">, ModelDoorResult>({
    child: new URL("./modelDoorChild.ts", import.meta.url),
    result: modelDoorResult,
    maxMs: 60_000,
    tooMuch: "It needs too much memory or time to read; it is damaged, or no model.",
  })
  return { close: side.close, admit: side.ask }
}

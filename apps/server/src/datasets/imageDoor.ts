/** The door for pictures: each is decoded, checked and written anew in a child process with limits. */

import { openSideProcess, type SideProcess } from "../sideProcess.ts"
import { type DoorJob, type DoorResult, doorResult } from "./imageDoorJob.ts"

type Admission = SideProcess<Omit<DoorJob, "id" | "maxBytes" | "maxPixels">, DoorResult>
export type ImageDoor = { readonly admit: Admission["ask"]; close(): void }

const maxBytes = 1.5 * 2 ** 30

export function openImageDoor(maxPixels: number): ImageDoor {
  const side = openSideProcess<Omit<DoorJob, "id">, DoorResult>({
    child: new URL("./imageDoorChild.ts", import.meta.url),
    result: doorResult,
    maxMs: 60_000,
    tooMuch: "It needs too much memory or time to decode; send a smaller picture.",
  })
  return { close: side.close, admit: (job) => side.ask({ ...job, maxPixels, maxBytes }) }
}

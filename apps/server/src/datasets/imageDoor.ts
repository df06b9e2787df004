/** The door for pictures: each is decoded, checked and written anew in a child process with limits. */

import { type Door, openDoor } from "../door.ts"
import { type DoorJob, type DoorResult, doorResult } from "./imageDoorJob.ts"

export type ImageDoor = Door<Omit<DoorJob, "id" | "maxBytes" | "maxPixels">, DoorResult>

const maxBytes = 1.5 * 2 ** 30

export function openImageDoor(maxPixels: number): ImageDoor {
  const door = openDoor<Omit<DoorJob, "id">, DoorResult>({
    child: new URL("./imageDoorChild.ts", import.meta.url),
    result: doorResult,
    maxMs: 60_000,
    tooMuch: "It needs too much memory or time to decode; send a smaller picture.",
  })
  return { ...door, admit: (job) => door.admit({ ...job, maxPixels, maxBytes }) }
}

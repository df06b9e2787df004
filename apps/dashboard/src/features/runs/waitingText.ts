import { count } from "../../ui/format.ts"

/** What a run waits for, and what has to happen. */
export function waitingText({ ahead, workers }: { ahead: number; workers: number }): { why: string; next: string } {
  if (workers === 0)
    return { why: "No worker is there", next: "It begins by itself once one is; npm start brings one with the studio." }
  const busy = workers === 1 ? "The worker is busy" : `All ${workers} workers are busy`
  if (ahead === 0) return { why: busy, next: "It is the next one, and begins by itself." }
  return { why: busy, next: `${count(ahead, "run")} before it; it begins by itself.` }
}

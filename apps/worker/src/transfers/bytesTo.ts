import type { Job } from "../job.ts"

const eachMs = 500

/** Tells how many bytes are done, now and then, and when all are. */
export function bytesTo({ recorder }: Job): (done: { readonly bytes: number; readonly totalBytes: number }) => void {
  let last = Number.NEGATIVE_INFINITY
  return ({ bytes, totalBytes }) => {
    if (performance.now() - last <= eachMs && bytes !== totalBytes) return
    last = performance.now()
    recorder.later({ type: "Transferred", bytes, totalBytes })
  }
}

/** A run that this worker has claimed: what was ordered, and whether it still is this worker's. */

import type { ClaimedRun } from "@fjord/db"

/** Why an attempt ends before its work is done. */
export type Ending = "cancelled" | "handedOver" | "lost"

export class OwnedRun {
  readonly claim: ClaimedRun
  private readonly stopper = new AbortController()
  private readonly killer = new AbortController()
  private ask: ((wish: "save" | "sample") => void) | undefined
  private readonly finisher = new AbortController()
  ending: Ending | undefined

  constructor(claim: ClaimedRun) {
    this.claim = claim
  }

  /** Aborted when the work has to stop between two steps, keeping what it has. */
  get stop(): AbortSignal {
    return this.stopper.signal
  }

  /** Aborted when the work has to end at once: the run is somebody else's. */
  get kill(): AbortSignal {
    return this.killer.signal
  }

  /** Aborted when this worker has nothing more to do with the run. */
  get over(): AbortSignal {
    return this.finisher.signal
  }

  /** Whether the run's end was written, or is none of ours. */
  get finished(): boolean {
    return this.finisher.signal.aborted
  }

  finish(): void {
    this.finisher.abort()
  }

  end(ending: Ending): void {
    if (this.finished) return
    if (ending === "lost") {
      this.ending = ending
      this.killer.abort()
      this.stopper.abort()
    } else if (this.ending === undefined) {
      this.ending = ending
      this.stopper.abort()
    }
  }

  /** Ends work that does not stop by itself; the run is given back all the same. */
  killWork(): void {
    this.killer.abort()
  }

  /** Says who fulfils wishes from now on. */
  onWish(ask: (wish: "save" | "sample") => void): void {
    this.ask = ask
  }

  /** @returns whether somebody took the wish. */
  wish(wish: "save" | "sample"): boolean {
    this.ask?.(wish)
    return this.ask !== undefined
  }
}

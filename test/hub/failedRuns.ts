/** Runs of a studio that failed: what they must say, and going on with them as whoever reads that does. */

import assert from "node:assert/strict"
import type { Ended, StudioAtHub } from "./studio.ts"

/** More faults than this meet no transfer. */
const mostResumes = 40

/** A failure says what happened, why and what to do, and the run can be resumed. */
export function assertAdvice({ status, failure }: Ended): void {
  assert.equal(status, "FAILED")
  assert.match(failure?.message ?? "", /^\S.{20,}\.$/)
  assert.match(failure?.cause ?? "", /^\S.{20,}\.$/)
  assert.match(failure?.advice ?? "", /resume the run/i)
}

/** Resumes the run until it succeeds. @param lookAt what is there after each failure; throws where that is wrong */
export async function resumedToSuccess(
  studio: StudioAtHub,
  runId: string,
  first: Ended,
  lookAt: () => Promise<void>,
): Promise<void> {
  let ended = first
  for (let resumes = 0; ended.status !== "SUCCEEDED"; resumes++) {
    assertAdvice(ended)
    assert.ok(resumes < mostResumes, `still ${ended.failure?.message}`)
    await lookAt()
    const { id } = await studio.mutate("resumeRun", "$id: ID!", { id: runId })
    ended = await studio.follow(id)
  }
}

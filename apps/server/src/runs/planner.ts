/** What a run will take, planned from its model and the worker's measured speed; the same question is answered once. */

import type { RunForecast } from "@fjord/diffusion/planRun"
import { openSideProcess } from "../sideProcess.ts"
import { type PlannerJob, type PlannerResult, plannerResult } from "./plannerJob.ts"

export type Planner = {
  /** @returns what is wrong where the model's configurations cannot be planned with. */
  plan(job: PlannerJob): Promise<RunForecast | { readonly problem: string }>
  close(): void
}

const mostKept = 100

export function openPlanner(): Planner {
  const side = openSideProcess<PlannerJob, PlannerResult>({
    child: new URL("./plannerChild.ts", import.meta.url),
    result: plannerResult,
    maxMs: 30_000,
    tooMuch: "The run could not be planned in time.",
  })
  const kept = new Map<string, ReturnType<Planner["plan"]>>()
  return {
    close: side.close,
    plan(job) {
      const key = JSON.stringify(job)
      const known = kept.get(key)
      if (known !== undefined) return known
      const planned = side.ask(job).then((result) => {
        if ("forecast" in result) return result.forecast
        // A folder may come later, or be mended.
        kept.delete(key)
        return { problem: result.problem }
      })
      kept.set(key, planned)
      for (const oldest of kept.keys()) if (kept.size > mostKept) kept.delete(oldest)
      return planned
    },
  }
}

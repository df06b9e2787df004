import type { EventOf, Phase } from "@fjord/contracts"

/** @param done of `total` things, where they can be counted. */
export const phaseEvent = (phase: Phase, done?: number, total?: number): EventOf<"PhaseProgressed"> => ({
  type: "PhaseProgressed",
  phase,
  ...(done !== undefined && { done }),
  ...(total !== undefined && { total }),
})

/** Whether live data flows, as a store for useSyncExternalStore: nobody should read stale figures for fresh ones. */

export type ConnectionState = "idle" | "live" | "lost"

let state: ConnectionState = "idle"
const listeners = new Set<() => void>()

export const connection = {
  get: (): ConnectionState => state,
  set(next: ConnectionState) {
    state = next
    for (const listener of listeners) listener()
  },
  subscribe(listener: () => void) {
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
    }
  },
}

/**
 * Does something at once where it was not done for `everyMs`, else when that time is over; whoever asks meanwhile is
 * served by the same turn.
 */
export function paced(act: () => void, everyMs: number): { ask: () => void; stop: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined
  let actedAt = Number.NEGATIVE_INFINITY
  return {
    ask() {
      timer ??= setTimeout(
        () => {
          timer = undefined
          actedAt = Date.now()
          act()
        },
        Math.max(0, actedAt + everyMs - Date.now()),
      )
    },
    stop() {
      clearTimeout(timer)
      timer = undefined
    },
  }
}

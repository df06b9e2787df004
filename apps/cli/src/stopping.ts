/** Ctrl-C: once stops cooperatively, so that the run saves what it has; twice stops at once. */

/** Exit status of a command that Ctrl-C ended, as shells know it (128 + SIGINT). */
export const interruptedStatus = 130

/**
 * Runs `work` with a signal that Ctrl-C or SIGTERM aborts; a second Ctrl-C ends the process. A second SIGTERM does not:
 * `timeout` and service managers send one to the whole group, and npm and the launcher pass theirs on.
 */
export async function untilInterrupted(work: (signal: AbortSignal) => Promise<void>, notice: string): Promise<boolean> {
  const controller = new AbortController()
  const stop = (signal: NodeJS.Signals) => {
    if (controller.signal.aborted) {
      if (signal === "SIGTERM") return
      process.exit(interruptedStatus)
    }
    process.stderr.write(`\n${notice}\n`)
    controller.abort()
  }
  process.on("SIGINT", stop)
  process.on("SIGTERM", stop)
  try {
    await work(controller.signal)
  } catch (error) {
    const stopped = controller.signal.aborted && error instanceof Error && error.name === "AbortError"
    if (!stopped) throw error
  } finally {
    process.off("SIGINT", stop)
    process.off("SIGTERM", stop)
  }
  return controller.signal.aborted
}

/** Whether somebody who follows something may still do so: asked again on news of their membership and now and then. */

import { membershipTopic } from "../accounts/membership.ts"
import type { Context } from "../context.ts"

/** Sessions and tokens end without news. */
const recheckMs = 30_000

/**
 * A generator that waits cannot be told to return: its turn comes only when the wait is over. So `ending` is aborted
 * first, which the generator's waits must heed.
 */
export function endedBy<Item>(ending: AbortController, generator: AsyncGenerator<Item>): AsyncIterableIterator<Item> {
  return {
    next: () => generator.next(),
    return() {
      ending.abort()
      return generator.return(undefined)
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

/** Aborts `ending` as soon as `may` no longer holds for whoever asks. Runs until `ending` is aborted. */
export async function guardStanding(
  context: Context,
  ending: AbortController,
  may: (viewer: NonNullable<Context["viewer"]>) => boolean,
) {
  const { viewer } = context
  if (viewer === null) return ending.abort()
  const news = context.notifications.listen(membershipTopic(viewer.user.id), ending.signal)
  const recheck = async () => {
    const now = await context.currentViewer()
    if (now === null || !may(now)) ending.abort()
  }
  const timer = setInterval(() => void recheck().catch((error: unknown) => context.log.warn(error)), recheckMs)
  ending.signal.addEventListener("abort", () => clearInterval(timer), { once: true })
  try {
    for await (const _ of news) await recheck()
  } catch (error) {
    // Who cannot be checked does not go on.
    context.log.warn(error)
    ending.abort()
  }
}

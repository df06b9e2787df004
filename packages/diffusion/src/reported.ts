/**
 * Work that reports by a callback, as a generator: yields the latest report whenever whoever listens wants more, and
 * returns what the work returned. @throws what the work threw
 */
export async function* reported<Report, Result>(
  work: (report: (news: Report) => void) => Promise<Result>,
): AsyncGenerator<Report, Result> {
  let latest: Report | undefined
  let woken = Promise.withResolvers<void>()
  let ended = false
  const result = work((news) => {
    latest = news
    woken.resolve()
  }).finally(() => {
    ended = true
    woken.resolve()
  })
  // A failure is thrown below, once the last report has been taken.
  result.catch(() => {})
  while (!ended) {
    await woken.promise
    woken = Promise.withResolvers()
    const news = latest
    latest = undefined
    if (news !== undefined) yield news
  }
  return result
}

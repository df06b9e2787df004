/** A reporter of node:test that writes nothing but the final counts, as JSON, for scripts/test.mjs. */

/** @param {AsyncIterable<{ type: string, data: any }>} events */
export default async function* testCounts(events) {
  for await (const event of events) {
    // A summary with a file is that file's; the one without is the sum over all.
    if (event.type === "test:summary" && event.data.file === undefined) yield JSON.stringify(event.data.counts)
  }
}

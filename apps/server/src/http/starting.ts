/** What is said while the server is put together: it listens before, because its own address is a part of what is put together. */

import type { RequestListener } from "node:http"

const seconds = "2"

/** A browser asks again by itself, programs know when to. */
export const answerStarting: RequestListener = (_request, response) => {
  response.writeHead(503, { "content-type": "text/plain", "retry-after": seconds, refresh: seconds })
  response.end("Fjord is starting; ask again in a moment.\n")
}

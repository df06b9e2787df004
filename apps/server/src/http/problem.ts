/** Failures of routes beside GraphQL, as `{ problem }`. */

import type { ErrorRequestHandler, Request, RequestHandler, Response } from "express"
import type { Logger } from "pino"
import { ExpectedError } from "../expectedError.ts"

/** Express' own errors, of bodies that are too large and the like, carry a status and may be shown. */
const clientFault = (error: unknown) =>
  error instanceof Error && "status" in error && typeof error.status === "number" && error.status < 500
    ? error.status
    : undefined

/** What a stream says when whoever asked has gone: a browser that leaves a page takes back what it asked for. */
const goneCodes = new Set<unknown>(["ECONNABORTED", "ECONNRESET", "EPIPE", "ERR_STREAM_PREMATURE_CLOSE"])
/** Whether an answer failed because nobody waits for it any more. */
export const ofGoneReader = (error: unknown): boolean =>
  error instanceof Error && "code" in error && goneCodes.has(error.code)

export const answerProblem =
  (log: Logger): ErrorRequestHandler =>
  (error, request, response, _next) => {
    if (response.destroyed && ofGoneReader(error)) return
    if (response.headersSent) {
      response.destroy()
      return
    }
    const status = error instanceof ExpectedError ? error.httpStatus : (clientFault(error) ?? 500)
    if (status >= 500) log.error({ error, path: request.path }, "a request failed")
    const problem = status >= 500 ? "Something went wrong here; the server's log says what." : String(error.message)
    response.status(status).json({ problem })
  }

/** Lets an async route's failure reach the handler above. */
export const route =
  (handle: (request: Request, response: Response) => Promise<void>): RequestHandler =>
  (request, response, next) => {
    handle(request, response).catch(next)
  }

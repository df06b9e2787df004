/** GET /hub/callback: the Hub sends people back here after they have let Fjord in, or have not. */

import type { IncomingHttpHeaders } from "node:http"
import { Router } from "express"
import { finishHubSignIn, hubCallbackPath } from "../accounts/hubAccount.ts"
import type { Context } from "../context.ts"
import { ExpectedError } from "../expectedError.ts"
import { route } from "./problem.ts"

export function hubRoutes(contextOf: (headers: IncomingHttpHeaders) => Promise<Context>): Router {
  const router = Router()
  router.get(
    hubCallbackPath,
    route(async (request, response) => {
      const { searchParams } = new URL(request.originalUrl, "http://localhost")
      const context = await contextOf(request.headers)
      try {
        await finishHubSignIn(context, searchParams)
      } catch (error) {
        if (!(error instanceof ExpectedError)) throw error
        // A person reads this in the browser, where the Hub has sent them.
        const text = `${error.message}\n\nYour account at the Hub is connected under ${context.url}/settings.\n`
        response.status(error.httpStatus).type("text/plain").send(text)
        return
      }
      response.redirect("/settings")
    }),
  )
  return router
}

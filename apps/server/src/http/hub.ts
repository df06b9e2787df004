/** GET /hub/callback: the Hub sends people back here after they have let Fjord in. */

import type { IncomingHttpHeaders } from "node:http"
import { Router } from "express"
import { finishHubSignIn, hubCallbackPath } from "../accounts/hubAccount.ts"
import type { Context } from "../context.ts"
import { route } from "./problem.ts"

export function hubRoutes(contextOf: (headers: IncomingHttpHeaders) => Promise<Context>): Router {
  const router = Router()
  router.get(
    hubCallbackPath,
    route(async (request, response) => {
      const { searchParams } = new URL(request.originalUrl, "http://localhost")
      await finishHubSignIn(await contextOf(request.headers), searchParams)
      response.redirect("/settings/hub")
    }),
  )
  return router
}

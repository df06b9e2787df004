/** The dashboard, where it has been built: everything that is no route of the server is its page. */

import { existsSync } from "node:fs"
import type { Server } from "node:http"
import { createRequire } from "node:module"
import { fileURLToPath } from "node:url"
import { type RequestHandler, Router } from "express"

const folder = fileURLToPath(new URL("../../../dashboard", import.meta.url))

export const dashboardIsBuilt = () => existsSync(`${folder}/.next/BUILD_ID`)

/** @returns the handler of its pages, and what ends it. */
export async function dashboardRoute(
  server: Server,
  port: number,
): Promise<{ route: RequestHandler; stop: () => Promise<void> }> {
  // Next is CommonJS whose types tell of one level more than Node's import shows; only a studio with a dashboard loads it.
  const next: typeof import("next").default = createRequire(import.meta.url)("next")
  const app = next({ dev: false, dir: folder, httpServer: server, port, quiet: true })
  await app.prepare()
  const handle = app.getRequestHandler()
  return { route: (request, response, failed) => void handle(request, response).catch(failed), stop: () => app.close() }
}

/** Says so where there is none. */
export function noDashboard(): RequestHandler {
  const router = Router()
  router.get("/", (_request, response) => {
    response.type("text/plain").send("Fjord's server runs. The dashboard has not been built; the API is at /graphql.\n")
  })
  router.use((_request, response) => {
    response.status(404).json({ problem: "There is nothing at this address." })
  })
  return router
}

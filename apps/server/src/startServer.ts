/** Puts the server together: one port for accounts, GraphQL over HTTP and WebSocket, files, and the dashboard. */

import { existsSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from "node:http"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { type Database, databaseClock, type FileStore, type Notifications } from "@fjord/db"
import { toNodeHandler } from "better-auth/node"
import express from "express"
import type { Logger } from "pino"
import { clientAddressHeader, createAuth } from "./accounts/auth.ts"
import { viewerOf } from "./accounts/viewer.ts"
import type { Context, Studio } from "./context.ts"
import { openImageDoor } from "./datasets/imageDoor.ts"
import type { Environment } from "./environment.ts"
import { TokenRefusedError } from "./expectedError.ts"
import { keepHouse } from "./housekeeping.ts"
import { dashboardIsBuilt, dashboardRoute, noDashboard } from "./http/dashboard.ts"
import { fileRoutes } from "./http/files.ts"
import { graphqlRoute } from "./http/graphql.ts"
import { graphqlSocket } from "./http/graphqlSocket.ts"
import { hubRoutes } from "./http/hub.ts"
import { createMetrics, operationRoutes } from "./http/operations.ts"
import { refuseForeignOrigins, studioAddresses } from "./http/origins.ts"
import { answerProblem } from "./http/problem.ts"
import { securityHeaders } from "./http/security.ts"
import { answerStarting } from "./http/starting.ts"
import { uploadRoutes } from "./http/uploads.ts"
import { keysOf } from "./keys.ts"
import { loadersOf } from "./loaders.ts"
import { openModelDoor } from "./models/modelDoor.ts"
import { openPlanner } from "./runs/planner.ts"
import { deliverWebhooks } from "./sharing/deliverWebhooks.ts"

export type ServerOptions = {
  readonly database: Database
  readonly files: FileStore
  readonly notifications: Notifications
  readonly environment: Environment
  readonly secret: string
  readonly log: Logger
  /** Serves the dashboard's pages where they have been built. */
  readonly dashboard: boolean
}

export type RunningServer = { readonly url: string; readonly port: number; stop(): Promise<void> }

/** A model of several gigabytes over a slow line takes this long to arrive. */
const uploadMs = 2 * 3600_000

const starter = (path: string) => fileURLToPath(new URL(`../../../packages/starter/${path}`, import.meta.url))

/** @throws Error when the port is taken. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { database, environment, secret, log } = options
  const server = createServer({ requestTimeout: uploadMs, headersTimeout: 20_000 }, answerStarting)
  server.listen(environment.PORT, environment.HOST)
  await new Promise<void>((resolve, reject) => server.once("listening", resolve).once("error", reject))
  const bound = server.address()
  const port = typeof bound === "object" && bound !== null ? bound.port : environment.PORT
  const { url, origins } = studioAddresses(environment, port)
  const incoming = await mkdtemp(join(environment.FJORD_DATA, "incoming-"))
  const clock = await databaseClock(database)
  const studio: Studio = {
    ...options,
    url,
    incoming,
    keys: keysOf(secret),
    imageDoor: openImageDoor(environment.FJORD_MAX_PIXELS),
    modelDoor: openModelDoor(),
    planner: openPlanner(),
    sampleConcept: starter("concept"),
    hasStarterModel: existsSync(starter("model/model_index.json")),
    databaseNow: () => clock.now(),
  }
  const auth = createAuth({ database, url, origins, secret, log })
  const contextOf = async (headers: IncomingHttpHeaders): Promise<Context> => ({
    ...studio,
    loaders: loadersOf(studio),
    viewer: await viewerOf(database, auth, headers),
    currentViewer: () => viewerOf(database, auth, headers),
  })
  /** A program whose token opens nothing is told so, rather than seeing an empty studio. */
  const requestContext = async (headers: IncomingHttpHeaders): Promise<Context> => {
    const context = await contextOf(headers)
    if (headers.authorization !== undefined && context.viewer === null) throw new TokenRefusedError()
    return context
  }
  const socketContext = ({ headers }: IncomingMessage, token?: string) =>
    contextOf(token === undefined ? headers : { authorization: token })

  const metrics = createMetrics()
  let stopping = false
  const app = express()
  app.disable("x-powered-by")
  app.set("trust proxy", environment.FJORD_TRUST_PROXY)
  app.use(securityHeaders(origins))
  app.use(operationRoutes(studio, metrics.registry, () => stopping))
  app.use(refuseForeignOrigins(origins))
  const authenticate = toNodeHandler(auth)
  app.all("/api/auth/{*path}", (request, response, next) => {
    // Who calls is what the connection says, or a proxy that is trusted; never what a client writes.
    request.headers[clientAddressHeader] = request.ip ?? request.socket.remoteAddress ?? ""
    authenticate(request, response).catch(next)
  })
  app.use(uploadRoutes(studio))
  app.use(fileRoutes(requestContext))
  app.use(hubRoutes(requestContext))
  const graphql = await graphqlRoute(studio, server, requestContext, [metrics.plugin])
  app.use(graphql.router)
  const socket = graphqlSocket(studio, server, origins, socketContext, (open) => metrics.sockets.set(open))
  const pages = options.dashboard && dashboardIsBuilt() ? await dashboardRoute(server, port) : undefined
  app.use(pages?.route ?? noDashboard())
  app.use(answerProblem(log))
  server.off("request", answerStarting).on("request", app)
  const webhooks = deliverWebhooks(studio)
  const leaveHouse = keepHouse(studio, clock)
  log.info({ url }, "the server is ready")

  return {
    url,
    port,
    async stop() {
      stopping = true
      leaveHouse()
      await webhooks.stop()
      await socket.stop()
      await graphql.stop()
      await pages?.stop()
      server.closeAllConnections()
      if (server.listening) await new Promise((resolve) => server.close(resolve))
      studio.imageDoor.close()
      studio.modelDoor.close()
      studio.planner.close()
      await rm(incoming, { recursive: true, force: true })
    },
  }
}

/** What those who run the studio ask it: whether it lives, whether it can work, and its numbers. */

import type { ApolloServerPlugin } from "@apollo/server"
import { aliveSeconds } from "@fjord/db"
import { Router } from "express"
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client"
import type { Context, Studio } from "../context.ts"
import { route } from "./problem.ts"

export function createMetrics() {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: "fjord_server_" })
  const operations = new Histogram({
    name: "fjord_graphql_seconds",
    help: "Time of GraphQL operations.",
    labelNames: ["operation", "outcome"],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  })
  const sockets = new Gauge({ name: "fjord_sockets", help: "Open WebSockets.", registers: [registry] })
  const uploads = new Counter({
    name: "fjord_uploads_total",
    help: "Uploads by outcome.",
    labelNames: ["outcome"],
    registers: [registry],
  })
  const plugin: ApolloServerPlugin<Context> = {
    requestDidStart: async () => {
      const stop = operations.startTimer()
      return {
        willSendResponse: async ({ operation, errors }) => {
          // Only the kind: names are chosen by clients, and each would be a series of its own.
          stop({ operation: operation?.operation ?? "none", outcome: errors?.length ? "error" : "ok" })
        },
      }
    },
  }
  return { registry, plugin, sockets, uploads }
}

/** Runs by status and workers by state, asked when somebody looks. */
async function runNumbers({ database }: Studio): Promise<string> {
  const runs = await database.$queryRaw<{ kind: string; status: string; count: number }[]>`
    SELECT kind::text, CASE WHEN status = 'RUNNING' AND coalesce("heartbeatAt", '-infinity') < now() - make_interval(secs => ${aliveSeconds})
      THEN 'QUEUED' ELSE status::text END AS status,
      count(*)::int AS count FROM "Run" GROUP BY 1, 2`
  const [workers] = await database.$queryRaw<{ alive: number }[]>`
    SELECT count(*)::int AS alive FROM "Worker" WHERE "stoppedAt" IS NULL AND "heartbeatAt" > now() - make_interval(secs => ${aliveSeconds})`
  return [
    "# HELP fjord_runs Runs by kind and status.",
    "# TYPE fjord_runs gauge",
    ...runs.map(({ kind, status, count }) => `fjord_runs{kind="${kind}",status="${status}"} ${count}`),
    `# HELP fjord_workers_alive Workers with a sign of life within ${aliveSeconds} seconds.`,
    "# TYPE fjord_workers_alive gauge",
    `fjord_workers_alive ${workers?.alive ?? 0}`,
    "",
  ].join("\n")
}

export function operationRoutes(studio: Studio, registry: Registry, isStopping: () => boolean): Router {
  const router = Router()
  router.get("/healthz", (_request, response) => {
    response.type("text/plain").send("ok\n")
  })
  router.get(
    "/readyz",
    route(async (_request, response) => {
      const answered = await studio.database.$queryRaw`SELECT 1`.then(
        () => true,
        () => false,
      )
      const ready = answered && !isStopping()
      response.status(ready ? 200 : 503).type("text/plain")
      response.send(ready ? "ready\n" : isStopping() ? "the server ends\n" : "the database does not answer\n")
    }),
  )
  router.get(
    "/metrics",
    route(async (request, response) => {
      const { FJORD_METRICS_TOKEN: token } = studio.environment
      const own = request.socket.remoteAddress === "127.0.0.1" || request.socket.remoteAddress === "::1"
      // Numbers say how much a studio is used; a proxy's own address is not a reason to tell everybody behind it.
      const forwarded = request.headers["x-forwarded-for"] !== undefined
      const allowed = token === undefined ? own && !forwarded : request.headers.authorization === `Bearer ${token}`
      if (!allowed) return void response.status(403).type("text/plain").send("FJORD_METRICS_TOKEN is needed\n")
      response.type(registry.contentType).send((await registry.metrics()) + (await runNumbers(studio)))
    }),
  )
  return router
}

/** WebSocket /graphql: subscriptions by the graphql-transport-ws protocol, with the same limits as over HTTP. */

import type { IncomingMessage, Server } from "node:http"
import type { Duplex } from "node:stream"
import { GraphQLError, parse, specifiedRules, validate } from "graphql"
import { useServer as serveOverSocket } from "graphql-ws/use/ws"
import { WebSocketServer } from "ws"
import type { Context, Studio } from "../context.ts"
import { maskError } from "../graphqlErrors.ts"
import { schema } from "../schema/index.ts"
import { operationLimits } from "./graphql.ts"
import { originAllowed } from "./origins.ts"

const maxMessageBytes = 64 * 1024
const maxOperationsPerSocket = 20
const maxSocketsPerPerson = 20

type Extra = { request: IncomingMessage; token?: string | undefined; person?: string | undefined }

/** @param contextOf gives the context of an operation, asked anew for each; `token` is of the connection's parameters */
export function graphqlSocket(
  studio: Studio,
  server: Server,
  origins: readonly string[],
  contextOf: (request: IncomingMessage, token?: string) => Promise<Context>,
  onCount: (open: number) => void,
) {
  const limits = operationLimits()
  const mask = maskError(studio.log)
  const socketsOf = new Map<string, number>()
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxMessageBytes, perMessageDeflate: false })
  const disposable = serveOverSocket<Record<string, unknown>, Extra>(
    {
      schema,
      connectionInitWaitTimeout: 5000,
      // Programs that cannot set headers name their token here; browsers send their cookie.
      onConnect: async ({ connectionParams, extra }) => {
        const given = connectionParams?.authorization ?? connectionParams?.Authorization
        extra.token = typeof given === "string" ? given : undefined
        const { viewer } = await contextOf(extra.request, extra.token)
        if (viewer === null) return false
        const open = (socketsOf.get(viewer.user.id) ?? 0) + 1
        if (open > maxSocketsPerPerson) return false
        socketsOf.set(viewer.user.id, open)
        extra.person = viewer.user.id
        return true
      },
      onClose: ({ extra }) => {
        onCount(sockets.clients.size)
        if (extra.person === undefined) return
        const left = (socketsOf.get(extra.person) ?? 1) - 1
        if (left > 0) socketsOf.set(extra.person, left)
        else socketsOf.delete(extra.person)
      },
      onSubscribe: async ({ subscriptions, extra }, _id, payload) => {
        if (Object.keys(subscriptions).length > maxOperationsPerSocket)
          return [new GraphQLError(`At most ${maxOperationsPerSocket} operations at once on one connection.`)]
        try {
          const document = parse(payload.query, { maxTokens: 4000 })
          const problems = validate(schema, document, [...specifiedRules, ...limits])
          if (problems.length > 0) return problems
          const contextValue = await contextOf(extra.request, extra.token)
          return {
            schema,
            document,
            contextValue,
            ...(payload.operationName != null && { operationName: payload.operationName }),
            ...(payload.variables != null && { variableValues: payload.variables }),
          }
        } catch (error) {
          return [error instanceof GraphQLError ? error : new GraphQLError("This operation cannot be read.")]
        }
      },
      onError: (_context, _id, _payload, errors) => errors.map((error) => masked(error)),
      onNext: (_context, _id, _payload, _args, result) =>
        result.errors === undefined
          ? undefined
          : { data: result.data ?? null, errors: result.errors.map((error) => masked(error)) },
    },
    sockets,
    12_000,
  )
  const masked = (error: unknown) => {
    const asError = error instanceof GraphQLError ? error : new GraphQLError(String(error))
    return mask(asError.toJSON(), asError)
  }
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (new URL(request.url ?? "/", "http://localhost").pathname !== "/graphql") return
    if (!originAllowed(origins, request.headers.origin)) {
      socket.end("HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n")
      return
    }
    sockets.handleUpgrade(request, socket, head, (opened) => {
      sockets.emit("connection", opened, request)
      onCount(sockets.clients.size)
    })
  }
  server.on("upgrade", upgrade)
  return {
    async stop() {
      server.off("upgrade", upgrade)
      for (const client of sockets.clients) client.close(1001, "The server ends.")
      await disposable.dispose()
    },
  }
}

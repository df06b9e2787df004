/** POST /graphql: Apollo with limits. */

import type { IncomingHttpHeaders, Server } from "node:http"
import { ApolloServer, type ApolloServerPlugin } from "@apollo/server"
import { ApolloServerPluginLandingPageDisabled } from "@apollo/server/plugin/disabled"
import { ApolloServerPluginDrainHttpServer } from "@apollo/server/plugin/drainHttpServer"
import { expressMiddleware } from "@as-integrations/express5"
import { ApolloArmor } from "@escape.tech/graphql-armor"
import express, { Router } from "express"
import { GraphQLError } from "graphql"
import type { Context, Studio } from "../context.ts"
import { TokenRefusedError } from "../expectedError.ts"
import { maskError } from "../graphqlErrors.ts"
import { schema } from "../schema/index.ts"

/** Rules for every operation, over HTTP and WebSocket. The largest query of the dashboard has 8 levels; a page of images with all their fields costs about 3000. */
export function operationLimits() {
  const { validationRules } = new ApolloArmor({
    maxDepth: { n: 12, ignoreIntrospection: true },
    maxAliases: { n: 30 },
    maxDirectives: { n: 30 },
    maxTokens: { n: 4000 },
    costLimit: { maxCost: 20_000, objectCost: 2, scalarCost: 1, depthCostFactor: 1.5, ignoreIntrospection: true },
    // Suggestions are taken out of the messages where errors are masked, for both transports.
    blockFieldSuggestion: { enabled: false },
  }).protect()
  return validationRules
}

/** Apollo answers with the status that an error names in its extensions. */
const withStatus = (error: unknown): never => {
  if (!(error instanceof TokenRefusedError)) throw error
  throw new GraphQLError(error.message, { extensions: { code: error.code, http: { status: error.httpStatus } } })
}

const bodyLimit = "1mb"

export async function graphqlRoute(
  studio: Studio,
  server: Server,
  contextOf: (headers: IncomingHttpHeaders) => Promise<Context>,
  plugins: readonly ApolloServerPlugin<Context>[],
): Promise<{ router: Router; stop: () => Promise<void> }> {
  const apollo = new ApolloServer<Context>({
    schema,
    validationRules: operationLimits(),
    plugins: [
      ...plugins,
      ApolloServerPluginDrainHttpServer({ httpServer: server }),
      ApolloServerPluginLandingPageDisabled(),
    ],
    formatError: maskError(studio.log),
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    introspection: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    persistedQueries: false,
  })
  await apollo.start()
  const router = Router()
  router.use(
    "/graphql",
    express.json({ limit: bodyLimit }),
    expressMiddleware(apollo, { context: ({ req }) => contextOf(req.headers).catch(withStatus) }),
  )
  return { router, stop: () => apollo.stop() }
}

/** The one Apollo client: queries and mutations over HTTP, subscriptions over one WebSocket that reconnects by itself. */

import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client"
import { GraphQLWsLink } from "@apollo/client/link/subscriptions"
import { getMainDefinition, relayStylePagination } from "@apollo/client/utilities"
import { createClient } from "graphql-ws"
import { connection } from "./connection.ts"
import { growingList } from "./growingList.ts"

const possibleTypes = {
  Run: ["TrainingRun", "Generation", "Transfer"],
  Error: ["InputError", "NotFoundError", "ForbiddenError", "ConflictError"],
}

/** Pages of these lists are joined in the cache; the arguments named tell one list from another, a preview from the whole. */
const typePolicies = {
  Query: {
    fields: {
      generatedImages: growingList([
        "first",
        "teamId",
        "search",
        "favourite",
        "boardId",
        "modelId",
        "runId",
        "baseModelId",
      ]),
      datasets: relayStylePagination(["first", "teamId", "search"]),
      models: relayStylePagination(["first", "teamId", "search"]),
      transfers: relayStylePagination(["first", "teamId"]),
      trainingRuns: relayStylePagination(["first", "teamId", "status", "search"]),
    },
  },
  Dataset: { fields: { images: relayStylePagination(["first"]) } },
  Storage: { keyFields: false as const },
}

/** The server is asked for a sign of life so often, and has so long to give it. */
const keepAliveMs = 12_000
const answerMs = 6_000

function subscriptions(): ApolloLink {
  const url = `${location.origin.replace(/^http/, "ws")}/graphql`
  const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
  let silence: ReturnType<typeof setTimeout> | undefined
  const socket = createClient({
    url,
    keepAlive: keepAliveMs,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    // Quick at first, then every 8 s; spread, so that a restarted server is not met by everybody at once.
    retryWait: (retries) => wait(Math.min(8_000, 250 * 2 ** retries) * (0.75 + Math.random() / 2)),
    on: {
      connected: () => connection.set("live"),
      closed: () => {
        clearTimeout(silence)
        connection.set("lost")
      },
      // A network that has changed, or a server that hangs, closes nothing: an answer that stays away does. At once,
      // for the browser would wait a minute for the other side to close, too.
      ping: (received) => {
        if (!received) silence = setTimeout(() => socket.terminate(), answerMs)
      },
      pong: (received) => {
        if (received) clearTimeout(silence)
      },
    },
  })
  return new GraphQLWsLink(socket)
}

export function makeClient(): ApolloClient {
  const http = new HttpLink({ uri: "/graphql", credentials: "same-origin" })
  const isSubscription = (operation: ApolloLink.Operation) => {
    const main = getMainDefinition(operation.query)
    return main.kind === "OperationDefinition" && main.operation === "subscription"
  }
  // While pages are rendered on the server nothing is fetched.
  const link = typeof window === "undefined" ? http : ApolloLink.split(isSubscription, subscriptions(), http)
  return new ApolloClient({ link, cache: new InMemoryCache({ possibleTypes, typePolicies }) })
}

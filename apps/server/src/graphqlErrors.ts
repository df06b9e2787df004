/** Which words of a failure reach a client: those that were written for people. */

import { randomUUID } from "node:crypto"
import { ApolloServerErrorCode, unwrapResolverError } from "@apollo/server/errors"
import type { GraphQLFormattedError } from "graphql"
import { GraphQLError } from "graphql"
import type { Logger } from "pino"
import { ExpectedError } from "./expectedError.ts"
import { ofGoneReader } from "./http/problem.ts"

/** Faults of the request itself: its token, syntax, validation, variables, limits. */
const clientCodes: readonly string[] = [
  ApolloServerErrorCode.GRAPHQL_PARSE_FAILED,
  ApolloServerErrorCode.GRAPHQL_VALIDATION_FAILED,
  ApolloServerErrorCode.BAD_USER_INPUT,
  ApolloServerErrorCode.BAD_REQUEST,
  ApolloServerErrorCode.OPERATION_RESOLUTION_FAILURE,
  ApolloServerErrorCode.PERSISTED_QUERY_NOT_FOUND,
  ApolloServerErrorCode.PERSISTED_QUERY_NOT_SUPPORTED,
  "UNAUTHENTICATED",
]

export const maskError =
  (log: Logger) =>
  (formatted: GraphQLFormattedError, thrown: unknown): GraphQLFormattedError => {
    const { locations, path } = formatted
    // Suggestions would spell the schema out to whoever guesses.
    const message = formatted.message.replace(/ ?Did you mean .*\?$/, "")
    const place = { ...(locations && { locations }), ...(path && { path }) }
    const error = unwrapResolverError(thrown)
    if (error instanceof ExpectedError) return { message: error.message, ...place, extensions: { code: error.code } }
    const code = formatted.extensions?.code
    if (typeof code === "string" && clientCodes.includes(code)) return { message, ...place, extensions: { code } }
    // A GraphQLError without a cause is one that the GraphQL library made of the request.
    if (error instanceof GraphQLError && error.originalError == null && code === undefined)
      return { message, ...place, extensions: { code: ApolloServerErrorCode.GRAPHQL_VALIDATION_FAILED } }
    const id = randomUUID()
    // A socket whose page was left takes no further word; what is answered reaches nobody.
    if (!ofGoneReader(error instanceof GraphQLError ? error.originalError : error))
      log.error({ error, errorId: id, path }, "an operation failed")
    return {
      message: `Something went wrong here; the server's log says what, under ${id}.`,
      ...place,
      extensions: { code: "INTERNAL" },
    }
  }

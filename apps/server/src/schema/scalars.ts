/** Scalars beyond GraphQL's own. */

import { GraphQLError } from "graphql"
import { builder } from "./builder.ts"

builder.scalarType("DateTime", {
  description: "A moment as ISO 8601 text in UTC.",
  serialize: (value) => value.toISOString(),
  parseValue: (value) => {
    const date = new Date(typeof value === "string" ? value : Number.NaN)
    if (Number.isNaN(date.getTime()))
      throw new GraphQLError(`${JSON.stringify(value)} is no moment in ISO 8601, like 2026-01-31T12:00:00Z.`)
    return date
  },
})

builder.scalarType("JSON", {
  description: "Any JSON value.",
  serialize: (value) => value,
  parseValue: (value) => value,
})

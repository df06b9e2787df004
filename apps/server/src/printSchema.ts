/** Writes the schema down; its diff is the review of the API. Run it after every change of a type, then `npm run format`. */

import { writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { lexicographicSortSchema, printSchema } from "graphql"
import { schema } from "./schema/index.ts"

export const schemaFile = fileURLToPath(new URL("../schema.graphql", import.meta.url))

export const printedSchema = `${printSchema(lexicographicSortSchema(schema))}\n`

if (import.meta.main) writeFileSync(schemaFile, printedSchema)

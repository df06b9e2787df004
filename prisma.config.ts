/** Configuration of Prisma's command line: `npx prisma migrate dev --name …` with DATABASE_URL, offline. */

import { fileURLToPath } from "node:url"
import { defineConfig } from "prisma/config"

const url = process.env.DATABASE_URL
// Prisma would download its schema engine; ours is its WebAssembly build behind the same protocol.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= fileURLToPath(new URL("scripts/prismaEngine/main.mjs", import.meta.url))
process.env.CHECKPOINT_DISABLE ??= "1"
process.env.PRISMA_HIDE_UPDATE_MESSAGE ??= "1"

export default defineConfig({
  schema: "prisma/schema.prisma",
  migrations: { path: "prisma/migrations" },
  ...(url === undefined ? {} : { datasource: { url } }),
})

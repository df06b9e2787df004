/** Ends the embedded Postgres of a studio that was killed, once server and workers have said to it what they had to. */

import { join } from "node:path"
import { endAbandonedPostgres } from "../../packages/db/src/index.ts"
import { readSettings } from "./settings.ts"

/** Longer than a worker takes to save its run. */
const patienceMs = 45_000

const { data, databaseUrl } = readSettings(process.env)
if (databaseUrl === undefined) await endAbandonedPostgres(join(data, "postgres"), patienceMs)

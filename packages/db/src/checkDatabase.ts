/** The database that DATABASE_URL names: asked once, before anything relies on it. */

import pg from "pg"
import { Refusal } from "./refusal.ts"

const patienceMs = 5000
const leastVersion = 14

/** @throws Refusal where it is no Postgres that Fjord can use */
export async function checkDatabase(databaseUrl: string): Promise<void> {
  const place = placeOf(databaseUrl)
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: patienceMs })
  // A lost connection fails the query that waits for it; without a listener it would end the process too.
  client.on("error", () => {})
  try {
    await client.connect()
    const { rows } = await client.query<{ version: number }>(
      "SELECT current_setting('server_version_num')::int / 10000 AS version",
    )
    const version = rows[0]?.version ?? 0
    if (version < leastVersion)
      throw new Refusal(
        `The database at ${place} is Postgres ${version}; Fjord needs ${leastVersion} or newer: set DATABASE_URL to one.`,
      )
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw new Refusal(`The database at ${place} cannot be used: ${reasonOf(error)}; check DATABASE_URL.`)
  } finally {
    await client.end().catch(() => {})
  }
}

/** HOST:PORT/DATABASE, without the password. @throws Refusal where the address is none */
function placeOf(databaseUrl: string): string {
  const url = URL.parse(databaseUrl)
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol))
    throw new Refusal(
      "DATABASE_URL is no address of a Postgres; it has to look like postgresql://USER:PASSWORD@HOST:PORT/DATABASE.",
    )
  return `${url.hostname}:${url.port || "5432"}${url.pathname}`
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ENOTFOUND: "there is no such machine",
  EAI_AGAIN: "there is no such machine, or the name server does not answer",
  EHOSTUNREACH: "the machine cannot be reached",
  ENETUNREACH: "the machine cannot be reached",
  "28P01": "user or password are wrong",
  "28000": "the user may not come in",
  "3D000": "there is no database of that name",
  "53300": "it takes no more connections",
  "57P03": "it is starting up or shutting down",
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // Of a name with several addresses each has its own error.
  const first = error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error
  const code = "code" in first && typeof first.code === "string" ? first.code : ""
  if (/timeout/i.test(first.message)) return `it did not answer within ${patienceMs / 1000} s`
  return reasons[code] ?? first.message
}

/** The one way to the database. */

import { PrismaPg } from "@prisma/adapter-pg"
import { PrismaClient } from "../generated/prisma/client.ts"

export type Database = PrismaClient
/** What a function needs that may run inside a transaction of its caller. */
export type DatabaseOrTransaction = Omit<
  PrismaClient,
  "$connect" | "$disconnect" | "$on" | "$transaction" | "$use" | "$extends"
>

/** No statement of ours takes this long, unless nobody answers it. */
const queryTimeoutMs = 30_000

/**
 * @param url postgresql://USER:PASSWORD@HOST:PORT/DATABASE
 * @param connections the most that are open at a time
 */
export function openDatabase(url: string, connections = 10): Database {
  const adapter = new PrismaPg(
    {
      connectionString: url,
      max: connections,
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
      // A connection that died without a word is given up; TCP itself would wait a quarter of an hour for an answer.
      query_timeout: queryTimeoutMs,
      // Columns are timestamps without a zone, which Prisma reads as UTC; now() has to say the same.
      // A process that froze within a transaction keeps its rows locked from those who take its runs over; Postgres ends it.
      options: "-c timezone=UTC -c idle_in_transaction_session_timeout=5000",
    },
    // Idle connections end when the database restarts; the pool opens new ones.
    { onPoolError: () => {}, onConnectionError: () => {} },
  )
  return new PrismaClient({ adapter })
}

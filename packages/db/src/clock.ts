/** The database's clock: signs of life are written by it, and the clocks of machines differ. */

import type { Database } from "./client.ts"

export type DatabaseClock = {
  /** Milliseconds since 1970, exact to half of the time that the last measurement took. */
  now(): number
  /** Compares the clocks again; they drift, and a machine may set its own. */
  measure(): Promise<void>
}

export async function databaseClock(database: Database): Promise<DatabaseClock> {
  let offset = 0
  const clock: DatabaseClock = {
    now: () => Date.now() + offset,
    async measure() {
      const before = Date.now()
      const [row] = await database.$queryRaw<{ now: number }[]>`
        SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS now`
      offset = (row?.now ?? before) - (before + Date.now()) / 2
    },
  }
  await clock.measure()
  return clock
}

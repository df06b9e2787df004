/** The studio's database, for a command that runs beside the studio or without it. */

import { join } from "node:path"
import { checkDatabase, hasPostgres, Refusal, startPostgres } from "../../packages/db/src/index.ts"
import type { Settings } from "./settings.ts"

/**
 * Lends the database's address to `use`; the embedded one is started where it does not run, and stopped again.
 * @param make whether a studio that is not there yet begins with this
 * @throws Refusal where there is no database, or none that can be used
 */
export async function withDatabase<Result>(
  { data, databaseUrl }: Settings,
  make: boolean,
  use: (url: string) => Promise<Result>,
): Promise<Result> {
  if (databaseUrl !== undefined) {
    await checkDatabase(databaseUrl)
    return use(databaseUrl)
  }
  const folder = join(data, "postgres")
  if (!make && !hasPostgres(folder))
    throw new Refusal(
      `There is no studio in ${data}: set FJORD_DATA to its folder, or DATABASE_URL to its database, or start one by npm start.`,
    )
  const postgres = await startPostgres({ folder })
  try {
    return await use(postgres.url)
  } finally {
    // One that ran before serves somebody.
    if (postgres.started) await postgres.stop()
  }
}

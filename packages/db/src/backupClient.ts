/** Plain SQL for backups, whatever tables there are. */

import pg from "pg"

export const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`

/** To be ended. @throws where the database does not answer */
export async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  // A lost connection fails the query that waits for it; without a listener it would end the process too.
  client.on("error", () => {})
  await client.connect()
  return client
}

export async function migrationsOf(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    "SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY 1",
  )
  return rows.map(({ name }) => name)
}

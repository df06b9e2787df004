/** Run by `npm test` when the tests have ended, however they have. */

import { removeAbandonedDatabases } from "../packages/db/src/abandonedDatabases.ts"

await removeAbandonedDatabases()

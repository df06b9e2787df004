/**
 * `npm run password -- EMAIL [--json]`: a link by which this person sets a new password. For whoever runs the machine: it
 * asks nobody, and is the way back for the first owner.
 */

import { nearest } from "../../apps/cli/src/nearest.ts"
import { makeResetLink, type ResetLink } from "../../apps/server/src/accounts/resetLinks.ts"
import { readEnvironment } from "../../apps/server/src/environment.ts"
import { studioAddresses } from "../../apps/server/src/http/origins.ts"
import { type Database, openDatabase, Refusal } from "../../packages/db/src/index.ts"
import { withDatabase } from "../studio/database.ts"
import { readSettings } from "../studio/settings.ts"

const patienceMs = 3000
/** Where no address is near, so many are named. */
const mostNamed = 10

const words = process.argv.slice(2)
const json = words.includes("--json")
const [address, ...others] = words.filter((word) => word !== "--json")
if (!address || address.startsWith("-") || others.length > 0) {
  console.error("One e-mail address is wanted: npm run password -- EMAIL [--json].")
  process.exit(2)
}

/** @throws Refusal where nobody has this address */
async function userOf(database: Database, given: string, studioUrl: string) {
  const email = given.trim().toLowerCase()
  const user = await database.user.findUnique({ where: { email } })
  if (user !== null) return user
  const known = (await database.user.findMany({ select: { email: true } })).map((one) => one.email)
  if (known.length === 0)
    throw new Refusal(`Nobody has an account in this studio yet; the first is made at ${studioUrl}/sign-up`)
  const meant = nearest(email, known)
  const list = `accounts are ${known.slice(0, mostNamed).join(", ")}${known.length > mostNamed ? " and others" : ""}`
  throw new Refusal(`No account has the address ${given}; ${meant === undefined ? list : `the nearest is ${meant}`}.`)
}

/** Whether something answers at the link's address: a link with the wrong port would lead nowhere. */
const answers = (studioUrl: string) =>
  fetch(`${studioUrl}/healthz`, { signal: AbortSignal.timeout(patienceMs) }).then(
    ({ ok }) => ok,
    () => false,
  )

type Made = ResetLink & { readonly name: string; readonly email: string; readonly studioUrl: string }

const make = (given: string) =>
  withDatabase(readSettings(process.env), false, async (url): Promise<Made> => {
    const environment = readEnvironment({ ...process.env, DATABASE_URL: url })
    const { url: studioUrl } = studioAddresses(environment, environment.PORT)
    const database = openDatabase(url, 1)
    try {
      const { id, name, email } = await userOf(database, given, studioUrl)
      return { name, email, studioUrl, ...(await makeResetLink(database, studioUrl, id)) }
    } catch (error) {
      // Prisma's code for a table that is not there.
      if (error instanceof Error && "code" in error && error.code === "P2021")
        throw new Refusal("The database holds no studio yet; npm start makes one in it.")
      throw error
    } finally {
      await database.$disconnect()
    }
  })

try {
  const { name, email, studioUrl, url, expiresAt } = await make(address)
  if (json) console.log(JSON.stringify({ type: "ResetLink", email, name, url, expiresAt }))
  else {
    const until = expiresAt.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" })
    console.log(`By this link ${name} (${email}) sets a new password, once, until ${until}:\n${url}`)
  }
  if (!(await answers(studioUrl)))
    console.error(
      `Nothing answers at ${studioUrl} now: start the studio first. If it listens elsewhere, give this command its PORT or FJORD_URL.`,
    )
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}

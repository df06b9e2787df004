/** The Hub as the person sees it who asked for a transfer. */

import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { sealingOf } from "@fjord/db"
import { everybody, type HubConnection, hubConnection, type TransferEvent } from "@fjord/hub"
import { AdvisedError } from "../failure.ts"
import type { Job } from "../job.ts"
import type { Studio } from "../studio.ts"
import { bytesTo } from "./bytesTo.ts"

/** The secret that a server on the same data folder has made for itself. */
async function storedSecret(data: string): Promise<string | undefined> {
  const text = await readFile(join(data, "secret"), "utf8").catch(() => undefined)
  return text?.trim()
}

/** One cache for all that this machine's workers fetch, whoever it is for. */
const sharedCache = ({ environment }: Studio) => ({
  endpoint: environment.hubEndpoint,
  cacheFolder: join(environment.data, "hub"),
})

/** Without an account: what everybody may read. */
export const anonymousConnection = (studio: Studio): HubConnection =>
  hubConnection({ ...sharedCache(studio), cacheReader: everybody })

/** With the token of the run's creator. @throws AdvisedError where writing needs one and there is none */
export async function connectionOf(job: Job, needs: "token" | "nothing"): Promise<HubConnection> {
  const { studio, run } = job
  const { environment, database } = studio
  const account =
    run.createdById === null ? null : await database.hubAccount.findUnique({ where: { userId: run.createdById } })
  if (account?.expiresAt && account.expiresAt <= new Date()) {
    if (needs === "nothing") return anonymousConnection(studio)
    throw new AdvisedError(
      `The sign-in at the Hub as ${account.hubUser} has ended.`,
      `The Hub gave it until ${account.expiresAt.toISOString()}.`,
      "Sign in at the Hub again in the settings, or connect with a token, then resume the run.",
    )
  }
  const secret = environment.secret ?? (await storedSecret(environment.data))
  if (account !== null && secret !== undefined)
    return hubConnection({
      ...sharedCache(studio),
      token: sealingOf(secret).open(account.sealedToken),
      cacheReader: `account ${account.hubUser}`,
    })
  if (needs === "nothing") return anonymousConnection(studio)
  throw new AdvisedError(
    account === null ? "Nobody is signed in at the Hub for this transfer." : "This worker cannot open the Hub token.",
    account === null ? "The person who asked for it has not connected an account." : "FJORD_SECRET is not set for it.",
    account === null
      ? "Connect your Hub account, then resume the run."
      : "Start the worker with the server's FJORD_SECRET.",
  )
}

/** Tells a transfer's progress as the run's: bytes done of all bytes. */
export function reportTo(job: Job): (event: TransferEvent) => void {
  const { recorder } = job
  const report = bytesTo(job)
  return (event) => {
    if (event.type === "Retrying") {
      const text = `The Hub is asked again in ${Math.round(event.waitSeconds)} s: ${event.reason}`
      recorder.later({ type: "Message", level: "warning", text })
    } else if (event.type === "TransferStarted") {
      const text = `${event.files} files, ${(event.totalBytes / 1e6).toFixed(1)} MB`
      recorder.later({ type: "Message", level: "info", text })
    } else if (event.type === "BytesTransferred") report(event)
  }
}

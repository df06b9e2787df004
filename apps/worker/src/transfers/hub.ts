/** The Hub as the person sees it who asked for a transfer. */

import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { sealingOf } from "@fjord/db"
import { type HubConnection, hubConnection, type TransferEvent } from "@fjord/hub"
import { AdvisedError } from "../failure.ts"
import type { Job } from "../job.ts"

/** The secret that a server on the same data folder has made for itself. */
async function storedSecret(data: string): Promise<string | undefined> {
  const text = await readFile(join(data, "secret"), "utf8").catch(() => undefined)
  return text?.trim()
}

/** With the token of the run's creator. @throws AdvisedError where writing needs one and there is none */
export async function connectionOf(job: Job, needs: "token" | "nothing"): Promise<HubConnection> {
  const { studio, run } = job
  const { environment, database } = studio
  const account =
    run.createdById === null ? null : await database.hubAccount.findUnique({ where: { userId: run.createdById } })
  const options = { endpoint: environment.hubEndpoint, cacheFolder: join(environment.data, "hub") }
  const secret = environment.secret ?? (await storedSecret(environment.data))
  if (account !== null && secret !== undefined)
    return hubConnection({ ...options, token: sealingOf(secret).open(account.sealedToken) })
  if (needs === "nothing") return hubConnection(options)
  throw new AdvisedError(
    account === null ? "Nobody is signed in at the Hub for this transfer." : "This worker cannot open the Hub token.",
    account === null ? "The person who asked for it has not connected an account." : "FJORD_SECRET is not set for it.",
    account === null ? "Connect your Hub account and retry." : "Start the worker with the server's FJORD_SECRET.",
  )
}

const eachMs = 500

/** Tells a transfer's progress as the run's: bytes done of all bytes. */
export function reportTo({ recorder }: Job): (event: TransferEvent) => void {
  let last = Number.NEGATIVE_INFINITY
  const isDue = () => performance.now() - last > eachMs
  return (event) => {
    if (event.type === "Retrying") {
      const text = `The Hub is asked again in ${Math.round(event.waitSeconds)} s: ${event.reason}`
      recorder.later({ type: "Message", level: "warning", text })
    } else if (event.type === "TransferStarted") {
      const text = `${event.files} files, ${(event.totalBytes / 1e6).toFixed(1)} MB`
      recorder.later({ type: "Message", level: "info", text })
    } else if (event.type === "BytesTransferred" && (isDue() || event.bytes === event.totalBytes)) {
      last = performance.now()
      const { bytes, totalBytes } = event
      recorder.later({ type: "Transferred", bytes, totalBytes })
    }
  }
}

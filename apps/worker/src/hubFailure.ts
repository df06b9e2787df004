/** What somebody at the dashboard can do about a failure of the Hub, whose own sentence says what happened. */

import type { HubErrorCode } from "@fjord/hub"

type Help = { readonly cause: string; readonly advice: string }

const account: Help = {
  cause: "The Hub did not let the account in that this run used.",
  advice: "Connect your Hub account again in the settings, with a token that may do this, then resume the run.",
}
const conditions: Help = {
  cause: "The repository's conditions have not been accepted by the account that this run used.",
  advice: "Accept them on the repository's page, connect that account in the settings, then resume the run.",
}
const later: Help = {
  cause: "The Hub, or the way to it, is not in order just now.",
  advice: "Resume the run later; what has arrived already is not sent again.",
}
const repository: Help = {
  cause: "The Hub has no such thing that the account of this run may see.",
  advice: "Check the spelling; if it is private, connect an account that may see it, then resume the run.",
}
const contents: Help = {
  cause: "The files are not of the kind that this transfer takes.",
  advice: "Correct what the message names, or choose something else, then resume the run.",
}
const space: Help = {
  cause: "The disk of the worker is full.",
  advice: "Free some space, e.g. by deleting old runs and models, then resume the run.",
}
const address: Help = {
  cause: "The worker's setting HF_ENDPOINT is wrong.",
  advice: "Set HF_ENDPOINT for server and workers to the Hub's address, start them again, then resume the run.",
}

export const hubFailure: Readonly<Record<HubErrorCode, Help>> = {
  aborted: later,
  badData: contents,
  diskFull: space,
  endpoint: address,
  exists: contents,
  expired: later,
  forbidden: account,
  gated: conditions,
  network: later,
  notFound: repository,
  rateLimited: later,
  refused: contents,
  serverFailed: later,
  stale: later,
  token: account,
  tooLarge: contents,
  truncated: later,
  unauthorised: account,
  wrongHash: later,
}

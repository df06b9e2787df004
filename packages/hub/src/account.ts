/** Who a token belongs to, and making repositories in that account. */

import { whoAmI as askWhoAmI, createRepo } from "@huggingface/hub"
import { z } from "zod"
import type { HubConnection } from "./connection.ts"
import { explain, HubError } from "./hubError.ts"
import { checkRepository, pageOf, type Repository } from "./repositoryName.ts"
import { type HubRequest, hubFetch } from "./transfer/hubFetch.ts"
import { readRepository } from "./transfer/remoteFiles.ts"

export type Account = {
  readonly name: string
  readonly fullName: string
  readonly email?: string
  readonly avatarUrl?: string
  /** Organisations whose repositories the account may write. */
  readonly organisations: readonly string[]
  /** `read`, `write` or `fineGrained`; absent for tokens of a sign-in. */
  readonly tokenRole?: string
}

const answer = z.object({
  name: z.string(),
  fullname: z.string().nullish(),
  email: z.string().nullish(),
  avatarUrl: z.string().nullish(),
  orgs: z.array(z.object({ name: z.string() })).default([]),
  auth: z.object({ accessToken: z.object({ role: z.string().nullish() }).nullish() }).nullish(),
})

/** @throws HubError without a token, and for one that the Hub does not know */
export function tokenOf(connection: HubConnection, action: string): string {
  if (connection.token !== undefined) return connection.token
  throw new HubError(
    "unauthorised",
    `There is no Hub token for ${action}; set HF_TOKEN to one with write access from ${connection.endpoint}/settings/tokens.`,
  )
}

/** The account of the connection's token. The Hub limits this request strictly: keep the answer. */
export async function whoAmI(connection: HubConnection, signal?: AbortSignal): Promise<Account> {
  const action = "asking whose token this is"
  const accessToken = tokenOf(connection, action)
  try {
    const account = answer.parse(
      await askWhoAmI({ accessToken, hubUrl: connection.endpoint, fetch: hubFetch(connection, { action, signal }) }),
    )
    const role = account.auth?.accessToken?.role
    return {
      name: account.name,
      fullName: account.fullname ?? account.name,
      organisations: account.orgs.map(({ name }) => name),
      ...(account.email ? { email: account.email } : {}),
      ...(account.avatarUrl ? { avatarUrl: account.avatarUrl } : {}),
      ...(role ? { tokenRole: role } : {}),
    }
  } catch (error) {
    throw explain(error, action, connection.endpoint)
  }
}

export type CreateOptions = {
  readonly visibility?: "public" | "private"
  /** Whether a repository that is there already is fine; true if absent. */
  readonly existOk?: boolean
  readonly signal?: AbortSignal | undefined
  readonly onRetry?: HubRequest["onRetry"]
}

/** Makes a repository, private unless told otherwise. @returns its page and whether it is new */
export async function createRepository(
  connection: HubConnection,
  repository: Repository,
  { visibility = "private", existOk = true, signal, onRetry }: CreateOptions = {},
): Promise<{ page: string; created: boolean }> {
  checkRepository(repository)
  const action = `creating ${repository.id}`
  const accessToken = tokenOf(connection, action)
  const page = pageOf(connection.endpoint, repository)
  try {
    await createRepo({
      repo: { type: repository.type, name: repository.id },
      accessToken,
      visibility,
      hubUrl: connection.endpoint,
      fetch: hubFetch(connection, { action, repository, signal, onRetry }),
    })
    return { page, created: true }
  } catch (error) {
    const failure = explain(error, action, connection.endpoint)
    if (failure.code === "exists" && existOk) return { page, created: false }
    // A token for one repository may write it without being allowed to make any.
    if (failure.code === "forbidden" && existOk && (await isThere(connection, repository, signal)))
      return { page, created: false }
    throw failure
  }
}

async function isThere(connection: HubConnection, repository: Repository, signal: AbortSignal | undefined) {
  const action = `looking for ${repository.id}`
  return readRepository(connection, repository, "main", { signal }).then(
    () => true,
    (error) => {
      if (explain(error, action, connection.endpoint).code === "notFound") return false
      throw error
    },
  )
}

/** The studio's API as the browser's person asks it, for filling a studio without its pages. */

import type { APIRequestContext } from "playwright-core"

type Json = Record<string, unknown>
/** Arguments of a mutation: GraphQL type and value by name. */
type Arguments = Record<string, readonly [type: string, value: unknown]>

export type StudioApi = {
  readonly url: string
  /** @returns `data` of the query. @throws with the server's sentences. */
  ask<Answer>(query: string, variables?: Json): Promise<Answer>
  /** @param selection of the success, e.g. `{ id }`; empty for a plain value. @throws with what was refused. */
  act<Answer>(mutation: string, given: Arguments, selection?: string): Promise<Answer>
  /** Waits until a run has succeeded. @throws when it ends otherwise, or not in time. */
  settled(runId: string): Promise<void>
}

/** The showroom's training takes three minutes; this is what a busy machine gets. */
const patienceMs = 1_200_000

export function studioApi(request: APIRequestContext, url: string): StudioApi {
  const ask = async <Answer>(query: string, variables: Json = {}): Promise<Answer> => {
    const response = await request.post(`${url}/graphql`, { data: { query, variables }, headers: { origin: url } })
    const { data, errors }: { data?: Answer; errors?: { message: string }[] } = await response.json()
    if (errors !== undefined) throw new Error(errors.map(({ message }) => message).join("; "))
    if (data === undefined) throw new Error(`The API answered ${query} with neither data nor errors.`)
    return data
  }
  const act = async <Answer>(mutation: string, given: Arguments, selection = ""): Promise<Answer> => {
    const names = Object.keys(given)
    const declared = names.map((name) => `$${name}: ${given[name]?.[0]}`).join(", ")
    const passed = names.map((name) => `${name}: $${name}`).join(", ")
    const success = `Mutation${mutation.slice(0, 1).toUpperCase()}${mutation.slice(1)}Success`
    const answer = await ask<Record<string, { message?: string; data?: Answer }>>(
      `mutation (${declared}) { ${mutation}(${passed}) { ... on Error { message } ... on ${success} { data ${selection} } } }`,
      Object.fromEntries(names.map((name) => [name, given[name]?.[1]])),
    )
    const { message, data } = answer[mutation] ?? {}
    if (data === undefined) throw new Error(`${mutation}: ${message}`)
    return data
  }
  const settled = async (id: string) => {
    for (const end = Date.now() + patienceMs; Date.now() < end; ) {
      const { run } = await ask<{ run: { status: string; failure: { message: string; cause: string } | null } }>(
        "query ($id: ID!) { run(id: $id) { status failure { message cause } } }",
        { id },
      )
      if (run.status === "SUCCEEDED") return
      if (run.status === "FAILED" || run.status === "CANCELLED")
        throw new Error(`The run is ${run.status}: ${run.failure?.message} ${run.failure?.cause}`)
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
    throw new Error(`The run ${id} did not end within ${patienceMs / 60_000} minutes.`)
  }
  return { url, ask, act, settled }
}

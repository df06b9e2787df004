/** Signing in and up, at better-auth's endpoints. */

import { z } from "zod/mini"

const refusal = z.object({ message: z.optional(z.string()) })

/** @returns undefined when it worked, else one sentence. */
export async function authenticate(
  path: "sign-in/email" | "sign-up/email",
  body: Record<string, string>,
): Promise<string | undefined> {
  const response = await fetch(`/api/auth/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  }).catch(() => undefined)
  if (response === undefined) return "The server does not answer. Is Fjord still running?"
  if (response.ok) return undefined
  if (response.status === 429) return "Too many attempts. Wait a minute, then try again."
  const answer = refusal.safeParse(await response.json().catch(() => undefined))
  return answer.data?.message ?? `The server refused this with status ${response.status}.`
}

/** Only paths of the studio: an address from outside must not be able to send people elsewhere. */
export const safeNext = (next: string | null): string => (next !== null && /^\/(?![/\\])/.test(next) ? next : "/")

/** What is done with passwords, at better-auth's endpoints. */

import { z } from "zod/mini"

const refusal = z.object({ code: z.optional(z.string()), message: z.optional(z.string()) })

/** What better-auth says too curtly. */
const sentences: Readonly<Record<string, string>> = {
  INVALID_EMAIL_OR_PASSWORD: "No account has this email with this password. Look for a slip; capitals count.",
  INVALID_PASSWORD: "This is not your current password. Look for a slip; capitals count.",
  INVALID_TOKEN: "This link is no longer open: it was used, replaced by a newer one, or it has expired.",
}

/** @returns undefined when it worked, else one sentence. */
export async function authenticate(
  path: "sign-in/email" | "sign-up/email" | "reset-password" | "change-password",
  body: Record<string, string | boolean>,
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
  const { code, message } = answer.data ?? {}
  return (
    (code !== undefined && sentences[code]) || (message ?? `The server refused this with status ${response.status}.`)
  )
}

/** Only paths of the studio: an address from outside must not be able to send people elsewhere. */
export const safeNext = (next: string | null): string => (next !== null && /^\/(?![/\\])/.test(next) ? next : "/")

/** Keys derived from the studio's secret: one per purpose, so that a signature of one kind is never valid as another. */

import { createHash, createHmac, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto"
import { type Sealing, sealingOf } from "@fjord/db"

export type Keys = {
  /** Signs a text for a purpose; base64url. */
  sign(purpose: string, text: string): string
  /** Compares in constant time. */
  verify(purpose: string, text: string, signature: string): boolean
  readonly sealing: Sealing
}

export function keysOf(secret: string): Keys {
  const derive = (purpose: string) => Buffer.from(hkdfSync("sha256", secret, "fjord", purpose, 32))
  const sign = (purpose: string, text: string) =>
    createHmac("sha256", derive(`sign ${purpose}`))
      .update(text)
      .digest("base64url")
  return {
    sign,
    verify(purpose, text, signature) {
      const wanted = Buffer.from(sign(purpose, text))
      const got = Buffer.from(signature)
      return wanted.length === got.length && timingSafeEqual(wanted, got)
    },
    sealing: sealingOf(secret),
  }
}

/** A token that is shown once, and what is stored of it. */
export function newToken(prefix: string): { token: string; hash: string } {
  const token = `${prefix}_${randomBytes(32).toString("base64url")}`
  return { token, hash: tokenHash(token) }
}

/** Tokens are random, so that a plain hash suffices to keep them. */
export const tokenHash = (token: string) => createHash("sha256").update(token).digest("hex")

/** Secrets in rows, sealed with a key that follows from the studio's secret. */

import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto"

const nonceBytes = 12
const tagBytes = 16

export interface Sealing {
  /** AES-256-GCM: 12 bytes nonce, ciphertext, 16 bytes tag. */
  seal(text: string): Uint8Array<ArrayBuffer>
  /** @throws Error when the bytes were sealed with another secret or altered. */
  open(sealed: Uint8Array): string
}

export function sealingOf(secret: string): Sealing {
  const key = Buffer.from(hkdfSync("sha256", secret, "fjord", "seal", 32))
  return {
    seal(text) {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv("aes-256-gcm", key, nonce)
      return Uint8Array.from(Buffer.concat([nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]))
    },
    open(sealed) {
      const bytes = Buffer.from(sealed)
      const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, nonceBytes))
      decipher.setAuthTag(bytes.subarray(-tagBytes))
      return decipher.update(bytes.subarray(nonceBytes, -tagBytes), undefined, "utf8") + decipher.final("utf8")
    },
  }
}

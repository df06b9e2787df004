/** Which pages may call this studio with a person's cookie: its own. */

import type { RequestHandler } from "express"
import type { Environment } from "../environment.ts"

export function studioAddresses(environment: Environment, port: number): { url: string; origins: readonly string[] } {
  if (environment.FJORD_URL !== undefined) {
    const url = environment.FJORD_URL.replace(/\/+$/, "")
    return { url, origins: [new URL(url).origin] }
  }
  const origins = ["localhost", "127.0.0.1", "[::1]"].map((host) => `http://${host}:${port}`)
  return { url: origins[0] ?? "", origins }
}

/** Browsers name the page that calls in `Origin`; programs name none. */
export const originAllowed = (origins: readonly string[], origin: string | undefined) =>
  origin === undefined || origins.includes(origin)

/** Refuses calls from other pages, whatever they carry. */
export function refuseForeignOrigins(origins: readonly string[]): RequestHandler {
  return (request, response, next) => {
    if (originAllowed(origins, request.headers.origin)) return next()
    response.status(403).json({
      problem: `Calls from ${request.headers.origin} are not accepted here; FJORD_URL names the studio's address.`,
    })
  }
}

/** Headers that tell browsers what this studio never does. */

import type { RequestHandler } from "express"
import helmet from "helmet"

/** Next's own pages carry inline scripts without a nonce; everything else comes from here alone. */
export function securityHeaders(origins: readonly string[]): RequestHandler {
  const encrypted = origins.every((origin) => origin.startsWith("https:"))
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'", "'unsafe-inline'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", "data:", "blob:"],
        fontSrc: ["'self'", "data:"],
        // Some browsers do not count sockets of the same place as `self`; an IPv6 address cannot be said here.
        connectSrc: [
          "'self'",
          ...origins.filter((origin) => !origin.includes("[")).map((origin) => origin.replace(/^http/, "ws")),
        ],
        workerSrc: ["'self'", "blob:"],
        objectSrc: ["'none'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        ...(encrypted && { upgradeInsecureRequests: [] }),
      },
    },
    referrerPolicy: { policy: "same-origin" },
    crossOriginEmbedderPolicy: false,
    // Over http a browser must not remember to use https only.
    strictTransportSecurity: encrypted,
  })
}

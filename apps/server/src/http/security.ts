/** Headers that tell browsers what this studio never does. */

import type { RequestHandler } from "express"
import helmet from "helmet"

/** Next's own pages carry inline scripts without a nonce; everything else comes from here alone. */
export const securityHeaders = (url: string): RequestHandler =>
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'", "'unsafe-inline'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", "data:", "blob:"],
        fontSrc: ["'self'", "data:"],
        connectSrc: ["'self'", url.replace(/^http/, "ws")],
        workerSrc: ["'self'", "blob:"],
        objectSrc: ["'none'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        ...(url.startsWith("https:") && { upgradeInsecureRequests: [] }),
      },
    },
    referrerPolicy: { policy: "same-origin" },
    crossOriginEmbedderPolicy: false,
    // Over http a browser must not remember to use https only.
    strictTransportSecurity: url.startsWith("https:"),
  })

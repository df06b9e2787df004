/** How Next builds the dashboard; apps/server serves it on its own port, so that API, files and pages share one origin. */

import { join } from "node:path"
import type { NextConfig } from "next"

const config: NextConfig = {
  reactStrictMode: true,
  poweredByHeader: false,
  // The lock file and node_modules lie two folders above.
  turbopack: {
    root: join(import.meta.dirname, "../.."),
    // Its modules for browsers of today; without being told, bundlers get those for ES5, with its classes written out.
    resolveAlias: { rxjs: "../../node_modules/rxjs/dist/esm/index.js" },
  },
  devIndicators: false,
  experimental: {
    // What Apollo says and checks only during development is left out by a constant of another module.
    turbopackCrossModuleConstants: true,
  },
}

export default config

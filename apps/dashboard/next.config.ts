/** How Next builds the dashboard; apps/server serves it on its own port, so that API, files and pages share one origin. */

import { join } from "node:path"
import type { NextConfig } from "next"

const config: NextConfig = {
  reactStrictMode: true,
  poweredByHeader: false,
  // The lock file and node_modules lie two folders above.
  turbopack: { root: join(import.meta.dirname, "../..") },
  devIndicators: false,
}

export default config

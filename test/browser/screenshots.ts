/** Pictures of every page, light and dark, desktop and phone: `node_modules/.bin/node test/browser/screenshots.ts [page …]`, into out/screenshots. */

import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { buildDashboard } from "../../scripts/studio/dashboard.ts"
import { launchChromium } from "./chromium.ts"
import { furnish, signUp } from "./furnish.ts"
import { pagesOf } from "./pages.ts"
import { startStudio } from "./studio.ts"

const out = join(import.meta.dirname, "../../out/screenshots")
mkdirSync(out, { recursive: true })
const wanted = process.argv.slice(2)
const sizes = { desktop: { width: 1360, height: 900 }, phone: { width: 390, height: 844 } }

if (!(await buildDashboard(console.log, new AbortController().signal))) process.exit(1)
const studio = await startStudio()
const browser = await launchChromium()
try {
  const first = await browser.newContext({ locale: "en-US" })
  const page = await first.newPage()
  await signUp(page, studio.url)
  const pages = pagesOf(await furnish(first.request, studio.url, studio.tinyModel))
  const storageState = await first.storageState()
  for (const colorScheme of ["light", "dark"] as const)
    for (const [size, viewport] of Object.entries(sizes)) {
      const context = await browser.newContext({ locale: "en-US", colorScheme, viewport, storageState })
      const tab = await context.newPage()
      for (const [name, path] of Object.entries(pages)) {
        if (wanted.length > 0 && !wanted.includes(name)) continue
        await tab.goto(studio.url + path, { waitUntil: "load" })
        await tab.getByRole("heading", { level: 1 }).waitFor()
        // The socket stays open, so that the network is never idle; pictures and the chart come within this.
        await tab.waitForTimeout(1_200)
        await tab.screenshot({ path: join(out, `${name}-${size}-${colorScheme}.png`) })
        console.log(`${name}-${size}-${colorScheme}.png`)
      }
      await context.close()
    }
} finally {
  await browser.close()
  await studio.stop()
}

/// <reference lib="dom" />
/**
 * Pictures of every page, light and dark, desktop and phone: `node_modules/.bin/node test/browser/screenshots.ts [page …]`,
 * into out/screenshots. The studio is furnished with the starter model and the sample concept; `--steps 60` trains less.
 * With `--readme` those of the README are made anew instead, into docs/images.
 */

import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { parseArgs } from "node:util"
import type { Browser, BrowserContext, Page } from "playwright-core"
import { buildDashboard } from "../../scripts/studio/dashboard.ts"
import { launchChromium } from "./chromium.ts"
import { type Furniture, furnish, signUp } from "./furnish.ts"
import { pagesOf, publicPagesOf } from "./pages.ts"
import { startStudio } from "./studio.ts"

const root = join(import.meta.dirname, "../..")
const out = join(root, "out/screenshots")
/** The pages that the README shows. */
const readmePages = ["run", "generate", "card", "dataset"]
const mostReadmeBytes = 120_000
const sizes = {
  desktop: { viewport: { width: 1440, height: 900 } },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
} as const

/** What a studio looks like after its first good afternoon. */
const showroom = (steps: number): Furniture => ({
  baseModel: { source: "STARTER", location: "starter", name: "Starter" },
  training: {
    resolution: 64,
    maxTrainSteps: steps,
    checkpointingSteps: Math.ceil(steps / 4),
    validationSteps: Math.ceil(steps / 8),
    validationPrompts: [
      "a photo of sks robot",
      "a photo of sks robot on the moon",
      "a photo of sks robot at the beach",
      "a photo of sks robot in the snow",
    ],
  },
  generation: { numImages: 4 },
  prompts: [
    "a photo of sks robot in a fjord",
    "a photo of sks robot in the snow",
    "a photo of sks robot on the moon",
    "a photo of sks robot at the beach",
    "a photo of sks robot in a forest",
  ],
})

type Pages = Record<string, string>

/** Waits until nothing on the screen is still loading. The socket stays open, so that the network is never idle. */
async function shown(page: Page) {
  await page.waitForFunction(
    () =>
      document.querySelector("[aria-busy=true], [aria-hidden].animate-pulse") === null &&
      [...document.images].every((image) => image.complete || image.getBoundingClientRect().top > innerHeight),
  )
  // The chart draws itself once it has its size.
  await page.waitForTimeout(600)
}

/** Writes a picture of the page as webp, as good as `mostReadmeBytes` allow. */
async function forReadme(tab: Page, name: string) {
  const png = (await tab.screenshot()).toString("base64")
  for (const quality of [0.9, 0.8, 0.7, 0.6, 0.5]) {
    // The browser has the encoder.
    const webp = await tab.evaluate(
      async ([data, wanted]) => {
        const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0))
        const picture = await createImageBitmap(new Blob([bytes]))
        const canvas = new OffscreenCanvas(picture.width, picture.height)
        canvas.getContext("2d")?.drawImage(picture, 0, 0)
        const blob = await canvas.convertToBlob({ type: "image/webp", quality: wanted })
        return [...new Uint8Array(await blob.arrayBuffer())]
      },
      [png, quality] as const,
    )
    if (webp.length > mostReadmeBytes) continue
    writeFileSync(join(root, "docs/images", name), Buffer.from(webp))
    return console.log(`docs/images/${name}: ${webp.length} bytes`)
  }
  throw new Error(`${name} is larger than ${mostReadmeBytes} bytes even at the lowest quality.`)
}

async function picturesOf(
  browser: Browser,
  url: string,
  pages: Pages,
  state?: Awaited<ReturnType<BrowserContext["storageState"]>>,
) {
  for (const colorScheme of ["light", "dark"] as const)
    for (const [size, device] of Object.entries(values.readme ? { desktop: sizes.desktop } : sizes)) {
      const context = await browser.newContext({
        locale: "en-US",
        colorScheme,
        ...device,
        ...(state && { storageState: state }),
      })
      const tab = await context.newPage()
      for (const [name, path] of Object.entries(pages)) {
        await tab.goto(url + path, { waitUntil: "load" })
        await tab.getByRole("heading", { level: 1 }).first().waitFor()
        await shown(tab)
        if (values.readme) {
          await forReadme(tab, `studio-${name}-${colorScheme}.webp`)
          continue
        }
        await tab.screenshot({ path: join(out, `${name}-${size}-${colorScheme}.png`) })
        console.log(`${name}-${size}-${colorScheme}.png`)
      }
      await context.close()
    }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { steps: { type: "string", default: "200" }, readme: { type: "boolean", default: false } },
})
const names = values.readme ? readmePages : positionals
const wanted = (pages: Pages): Pages =>
  names.length === 0 ? pages : Object.fromEntries(Object.entries(pages).filter(([name]) => names.includes(name)))

mkdirSync(out, { recursive: true })
if (!(await buildDashboard(console.log, new AbortController().signal))) process.exit(1)
const studio = await startStudio()
const browser = await launchChromium()
try {
  const context = await browser.newContext({ locale: "en-US" })
  await signUp(await context.newPage(), studio.url)
  const state = await context.storageState()
  const empty = {
    homeEmpty: "/",
    datasetsEmpty: "/datasets",
    runsEmpty: "/runs",
    generateEmpty: "/generate",
    modelsEmpty: "/models",
  }
  await picturesOf(browser, studio.url, wanted(empty), state)
  const ids = await furnish(context.request, studio.url, showroom(Number(values.steps)))
  await picturesOf(browser, studio.url, wanted(pagesOf(ids)), state)
  await picturesOf(browser, studio.url, wanted(publicPagesOf(ids)))
} finally {
  await browser.close()
  await studio.stop()
}

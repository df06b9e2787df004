/** What the journeys walk in: a studio, a browser and a page of it; and what the browser complained of. */

import assert from "node:assert/strict"
import type { Browser, BrowserContext, Page } from "playwright-core"
import { buildDashboard } from "../../scripts/studio/dashboard.ts"
import { launchChromium } from "./chromium.ts"
import type { Furnished } from "./furnish.ts"
import { type Studio, startStudio } from "./studio.ts"

/** What takes longest, a page with its images, is there within 15 s on two slow cores; the machine may be busy besides. */
export const patienceMs = 60_000
/** Until a worker has trained a few steps or drawn a few images; half a minute on two slow cores. */
export const workMs = 240_000

export type World = {
  readonly studio: Studio
  readonly browser: Browser
  readonly context: BrowserContext
  readonly page: Page
  /** Errors of scripts and of the console: none, in sound pages. */
  readonly complaints: readonly string[]
  /** What `furnish` made; the journeys before it see an emptier studio. */
  ids: Furnished | undefined
  /** Loads a page of the studio and waits for its title. */
  open(path: string): Promise<void>
  /** A page of somebody without an account. */
  stranger(): Promise<Page>
  close(): Promise<void>
}

export async function openWorld(): Promise<World> {
  assert.ok(
    await buildDashboard(console.log, new AbortController().signal),
    "The dashboard could not be built; its errors are above.",
  )
  const studio = await startStudio()
  const browser = await launchChromium()
  const context = await browser.newContext({
    locale: "en-US",
    viewport: { width: 1360, height: 900 },
    acceptDownloads: true,
    permissions: ["clipboard-read", "clipboard-write"],
  })
  const complaints: string[] = []
  const watched = async (own: BrowserContext) => {
    const page = await own.newPage()
    page.setDefaultTimeout(patienceMs)
    page.on("pageerror", (error) => complaints.push(error.message))
    page.on("console", (message) => {
      // The browser reports every answer above 399; a file that is refused on purpose gets one.
      const refused = new URL(message.location().url || "about:blank").pathname.startsWith("/uploads/")
      if (message.type() === "error" && !refused) complaints.push(`${message.text()} ${message.location().url}`)
    })
    return page
  }
  const page = await watched(context)
  return {
    studio,
    browser,
    context,
    page,
    complaints,
    ids: undefined,
    async open(path) {
      await page.goto(studio.url + path, { waitUntil: "load" })
      // The preview of a card has a title of its own.
      await page.getByRole("heading", { level: 1 }).first().waitFor()
    },
    stranger: async () => watched(await browser.newContext({ locale: "en-US" })),
    async close() {
      await browser.close()
      await studio.stop()
    },
  }
}

/** @returns what was made by the journey that furnishes the studio. */
export function furnishedIn({ ids }: World): Furnished {
  assert.ok(ids, "The studio is not furnished yet: the journey that does it failed.")
  return ids
}

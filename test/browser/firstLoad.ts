/// <reference lib="dom" />
/** What a first visit of a page loads and when it first paints, with an empty cache. */

import { gzipSync } from "node:zlib"
import type { BrowserContext, Page } from "playwright-core"

type FirstLoad = {
  /** First contentful paint, in milliseconds from the request. */
  readonly paint: number
  /** All that the browser fetched until the page was ready and the network still, the largest first; bytes of gzip. */
  readonly scripts: readonly { name: string; bytes: number }[]
}

/**
 * @param context one that has fetched nothing yet.
 * @param ready waits until the page can be used.
 */
export async function firstLoad(
  context: BrowserContext,
  address: string,
  ready: (page: Page) => Promise<unknown>,
  patienceMs: number,
): Promise<FirstLoad> {
  const page = await context.newPage()
  page.setDefaultTimeout(patienceMs)
  const scripts: Promise<{ name: string; bytes: number }>[] = []
  page.on("response", (response) => {
    if (response.request().resourceType() !== "script") return
    const name = new URL(response.url()).pathname.split("/").at(-1) ?? ""
    scripts.push(response.body().then((body) => ({ name, bytes: gzipSync(body).byteLength })))
  })
  await page.goto(address, { waitUntil: "load" })
  await ready(page)
  await page.waitForLoadState("networkidle")
  const painted = await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime)
  const paint = Number(await painted.jsonValue())
  const loaded = await Promise.all(scripts)
  await page.close()
  return { paint, scripts: loaded.sort((a, b) => b.bytes - a.bytes) }
}

/** A run: its samples, its checkpoints, its settings for another one. Furnishes the studio for all that follow. */

import assert from "node:assert/strict"
import { test } from "node:test"
import { firstLoad } from "../firstLoad.ts"
import { furnish, tinyFurniture } from "../furnish.ts"
import { furnishedIn, patienceMs, type World } from "../world.ts"

/** Of script, gzip, chart and all. What seldom is needed comes later: bench/dashboard.ts says what a page loads. */
const mostBytes = 250_000

export function runs(world: () => World) {
  test("a run's samples are compared, its checkpoint becomes a model, its settings start another", async () => {
    const { page, context, studio, open } = world()
    const ids = await furnish(context.request, studio.url, tinyFurniture(studio.tinyModel))
    world().ids = ids
    await open(`/runs/${ids.runId}`)
    const cells = page.getByRole("button", { name: /Pin to compare/ })
    await cells.nth(0).click()
    await cells.nth(3).click()
    await page.getByRole("slider", { name: /^Divider/ }).focus()
    await page.keyboard.press("ArrowRight")
    await page.getByRole("tab", { name: /Checkpoints/ }).click()
    await page.getByRole("button", { name: "Make it a model" }).first().click()
    await page.waitForURL(/\/models\/./)
    await open(`/runs/new?from=${ids.runId}`)
    await page.getByText("Different from what is recommended").waitFor()
    await page.getByText("With the settings of Robot on the fjord.").waitFor()
  })

  test("a first visit of the run page loads 250 kB of script at most", async () => {
    const { browser, context, studio } = world()
    const fresh = await browser.newContext({ locale: "en-US", storageState: await context.storageState() })
    const address = `${studio.url}/runs/${furnishedIn(world()).runId}`
    const { scripts } = await firstLoad(fresh, address, (page) => page.locator("canvas").first().waitFor(), patienceMs)
    await fresh.close()
    const bytes = scripts.reduce((sum, script) => sum + script.bytes, 0)
    assert.ok(scripts.length > 0 && bytes <= mostBytes, `${bytes} bytes: ${JSON.stringify(scripts)}`)
  })

  test("what lies behind a link is fetched when somebody comes near it, and not before", async () => {
    const { page, open } = world()
    const asked = new Set<string>()
    const note = (request: { url(): string }) => asked.add(new URL(request.url()).pathname)
    page.on("request", note)
    await open(`/runs/${furnishedIn(world()).runId}`)
    const link = page.getByRole("navigation", { name: "Studio" }).getByRole("link", { name: "Models" })
    await link.waitFor()
    await page.waitForLoadState("networkidle")
    page.off("request", note)
    assert.ok(!asked.has("/models"), [...asked].join())
    const fetched = page.waitForRequest((request) => new URL(request.url()).pathname === "/models")
    await link.hover()
    await fetched
  })
}

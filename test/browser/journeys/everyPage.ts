/// <reference lib="dom" />
/** What must hold on all pages. */

import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { fileURLToPath } from "node:url"
import type { Page } from "playwright-core"
import { makeResetLink } from "../../../apps/server/src/accounts/resetLinks.ts"
import { pagesOf, publicPagesOf } from "../pages.ts"
import { furnishedIn, type World } from "../world.ts"

const axe = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8")

/** @returns the rules that the page breaks, each with the first elements that do. */
async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  return page.evaluate(async () => {
    // @ts-expect-error: the script above defines it.
    const { violations } = await axe.run(document, { resultTypes: ["violations"] })
    return violations.map(
      (one: { id: string; nodes: { html: string }[] }) =>
        `${one.id}: ${one.nodes
          .slice(0, 3)
          .map((node) => node.html.slice(0, 200))
          .join(" | ")}`,
    )
  })
}

export function everyPage(world: () => World) {
  test("no page breaks a rule of accessibility, in light or dark, or complains in the console", async () => {
    const { page, studio, stranger, complaints } = world()
    const ids = furnishedIn(world())
    const outside = await stranger()
    const { id } = await studio.database.user.findFirstOrThrow()
    const reset = new URL((await makeResetLink(studio.database, studio.url, id)).url).pathname
    const broken: string[] = []
    const look = async (tab: Page, name: string, path: string, colorScheme: string) => {
      await tab.goto(studio.url + path, { waitUntil: "load" })
      await tab.getByRole("heading", { level: 1 }).first().waitFor()
      await tab.waitForTimeout(500)
      const found = await violationsOf(tab)
      broken.push(...found.map((violation) => `${name}, ${colorScheme}: ${violation}`))
    }
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" })
      await outside.emulateMedia({ colorScheme, reducedMotion: "reduce" })
      for (const [name, path] of Object.entries(pagesOf(ids))) await look(page, name, path, colorScheme)
      for (const [name, path] of Object.entries({ ...publicPagesOf(ids), reset }))
        await look(outside, name, path, colorScheme)
    }
    await outside.context().close()
    assert.deepEqual(broken, [])
    assert.deepEqual(complaints, [])
  })

  test("a server that has fallen silent is told of, and found again", async () => {
    const { page, studio, open } = world()
    await open("/runs")
    const notice = page.getByText("Connection lost: figures may be old.")
    assert.ok(studio.serverPid)
    process.kill(studio.serverPid, "SIGSTOP")
    try {
      await notice.waitFor()
    } finally {
      process.kill(studio.serverPid, "SIGCONT")
    }
    await notice.waitFor({ state: "hidden" })
  })

  test("no page is wider than a phone", async () => {
    const { page, open } = world()
    const before = page.viewportSize()
    await page.setViewportSize({ width: 390, height: 844 })
    const wide: string[] = []
    for (const [name, path] of Object.entries(pagesOf(furnishedIn(world())))) {
      await open(path)
      await page.waitForTimeout(300)
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      if (over > 0) wide.push(`${name}: ${over} px`)
    }
    if (before !== null) await page.setViewportSize(before)
    assert.deepEqual(wide, [])
  })
}

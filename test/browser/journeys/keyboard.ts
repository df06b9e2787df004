/** The studio without a pointer. */

import assert from "node:assert/strict"
import { test } from "node:test"
import { furnishedIn, type World } from "../world.ts"

export function keyboard(world: () => World) {
  test("the keyboard reaches every place", async () => {
    const { page, open } = world()
    await open("/")
    await page.keyboard.press("?")
    await page.getByRole("dialog", { name: "Keys" }).waitFor()
    await page.keyboard.press("Escape")
    await page.getByRole("dialog", { name: "Keys" }).waitFor({ state: "hidden" })
    await page.keyboard.press("g")
    await page.keyboard.press("r")
    await page.waitForURL(/\/runs$/)
    await page.getByRole("heading", { name: "Runs", level: 1 }).waitFor()
    await page.keyboard.press("/")
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("type")), "search")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Control+k")
    await page.getByPlaceholder(/Go to a page/).fill("settings")
    await page.keyboard.press("Enter")
    await page.waitForURL(/\/settings$/)
  })

  test("the palette finds things by their names at the server, and acts", async () => {
    const { page, open } = world()
    await open("/")
    await page.keyboard.press("Control+k")
    await page.getByPlaceholder(/Go to a page/).fill("on the water")
    await page.getByRole("option", { name: "On the water" }).waitFor()
    await page.keyboard.press("Enter")
    await page.waitForURL(/\/generate\?board=/)
    await page.getByRole("button", { name: "More of On the water" }).waitFor()
    await page.keyboard.press("Control+k")
    await page.getByPlaceholder(/Go to a page/).fill("show all keys")
    await page.keyboard.press("Enter")
    await page.getByRole("dialog", { name: "Keys" }).waitFor()
    await page.keyboard.press("Escape")
  })

  test("Enter presses the button that has the focus, also where the page has keys of its own", async () => {
    const { page, open } = world()
    await open("/generate")
    const favourites = page.getByRole("button", { name: "Favourites only" })
    await favourites.focus()
    await page.keyboard.press("Enter")
    assert.equal(await favourites.getAttribute("aria-pressed"), "true")
  })

  test("the focus is never lost: not with a row that is removed, a page that is left, a step that is done", async () => {
    const { page, open } = world()
    const { datasetId } = furnishedIn(world())
    const press = async (role: "button" | "link", name: string) => {
      await page.getByRole(role, { name, exact: true }).focus()
      await page.keyboard.press("Enter")
    }
    await open("/settings")
    await page.getByLabel("Name", { exact: true }).fill("Short-lived")
    await page.keyboard.press("Tab")
    await press("button", "Make a token")
    await press("button", "Revoke Short-lived")
    await press("button", "Revoke")
    await page.locator("li", { hasText: "Short-lived" }).waitFor({ state: "hidden" })
    await page.waitForFunction(() => document.activeElement?.closest("#content") !== null)

    await open(`/datasets/${datasetId}`)
    await page.keyboard.press("Tab")
    await press("link", "Train on these")
    await page.waitForURL(/\/runs\/new/)
    await page.waitForFunction(() => document.activeElement?.tagName === "H1")

    await press("button", "Next: Look")
    await page.waitForFunction(() => document.activeElement?.getAttribute("aria-label") === "Look")
  })
}

/** The model card: written, checked, compared, shared. */

import { test } from "node:test"
import { furnishedIn, type World } from "../world.ts"

export function cards(world: () => World) {
  test("a card is written, compared with its earlier version, and shared by a link that shows nothing else", async () => {
    const { page, studio, open, stranger } = world()
    const { modelId } = furnishedIn(world())
    await open(`/models/${modelId}`)
    await page.getByLabel("Tags").fill("robot, lora")
    await page.getByLabel("Tags").blur()
    await page.getByRole("button", { name: "Save a version" }).click()
    await page.getByText("Saved as version 3.").waitFor()
    await page.getByRole("tab", { name: /Versions/ }).click()
    await page.getByText("What changed from version 2 to 3").waitFor()
    await page.getByRole("button", { name: "More", exact: true }).click()
    await page.getByRole("menuitem", { name: "Share the card" }).click()
    await page.getByRole("button", { name: "Make a link" }).click()
    const url = await page.getByLabel("Link", { exact: true }).inputValue()
    const outside = await stranger()
    await outside.goto(url)
    await outside.getByRole("heading", { level: 1 }).first().waitFor()
    await outside.goto(`${studio.url}/models/${modelId}`)
    await outside.waitForURL(/sign-in/)
    await outside.context().close()
    await page.keyboard.press("Escape")
  })

  test("any two versions are compared, and an old one comes back as the newest", async () => {
    const { page, open } = world()
    const { modelId } = furnishedIn(world())
    await open(`/models/${modelId}?tab=versions`)
    await page.getByLabel("Compare with").selectOption({ label: "against version 1" })
    await page.getByText("What changed from version 1 to 3").waitFor()
    await page.getByRole("button", { name: /^Version 1/ }).click()
    await page.getByRole("button", { name: "Bring it back" }).click()
    await page.getByText("Version 1 is back, as version 4.").waitFor()
  })

  test("a card is checked while it is typed, and what is typed outlives the page", async () => {
    const { page, open } = world()
    const { modelId } = furnishedIn(world())
    await open(`/models/${modelId}`)
    await page.getByRole("button", { name: "YAML" }).click()
    const head = page.getByLabel("YAML", { exact: true })
    await head.fill("license: my own\nlibrary_name: diffusers")
    await page.getByText("is not one of the Hub's identifiers").waitFor()
    await page.keyboard.press("Tab")
    await page.getByRole("link", { name: "Team", exact: true }).click()
    await page.getByRole("heading", { name: "Members" }).waitFor()
    await page.goBack()
    await page.getByText("is not one of the Hub's identifiers").waitFor()
    await page.getByRole("button", { name: "Fill in anew" }).click()
    await page.getByText("Filled in from what Fjord knows.").waitFor()
    await page.getByText("is not one of the Hub's identifiers").waitFor({ state: "hidden" })
  })
}

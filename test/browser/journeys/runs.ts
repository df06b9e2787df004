/** A run: its samples, its checkpoints, its settings for another one. Furnishes the studio for all that follow. */

import { test } from "node:test"
import { furnish, tinyFurniture } from "../furnish.ts"
import type { World } from "../world.ts"

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
}

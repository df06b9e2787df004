/** Model files in and out, and the way back to them. */

import assert from "node:assert/strict"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { writeSafetensors } from "../../../packages/engine/src/index.ts"
import { furnishedIn, type World, workMs } from "../world.ts"

export function transfers(world: () => World) {
  const content = () => world().page.locator("#content")

  test("an embedding comes in as a file, and acts where its word stands in the prompt", async () => {
    const { page, open } = world()
    const folder = await mkdtemp(join(tmpdir(), "fjord-embedding-"))
    const file = join(folder, "mist.safetensors")
    const vector = { dataType: "F32" as const, shape: [1, 32], data: new Float32Array(32).fill(0.1) }
    await writeSafetensors(file, [{ name: "<mist>", ...vector }])
    await open("/models")
    await page.getByRole("button", { name: "Import a file" }).click()
    const dialog = page.getByRole("dialog", { name: "Import a file" })
    await dialog.getByLabel("File", { exact: true }).setInputFiles(file)
    await dialog.getByLabel("Goes with").selectOption({ label: "tiny" })
    await dialog.getByRole("button", { name: "Import", exact: true }).click()
    await page.getByRole("link", { name: "To the model" }).click({ timeout: workMs })
    await rm(folder, { recursive: true })

    // From its page it is added to what draws, its word included.
    await content().getByRole("link", { name: "Generate", exact: true }).click()
    await page.waitForURL(/\/generate\?model=/)
    const prompt = page.getByLabel("Prompt", { exact: true })
    await prompt.waitFor()
    assert.match(await prompt.inputValue(), /<mist>/)
    await page.getByText("Acts where “<mist>” stands.").waitFor()
    await prompt.fill("a boat at dawn")
    await page.getByRole("button", { name: "Write “<mist>” in the prompt" }).click()
    assert.equal(await prompt.inputValue(), "a boat at dawn, <mist>")
    await page.getByLabel("Steps", { exact: true }).fill("2")
    await page.getByRole("button", { name: /^Generate/ }).click()
    await page.getByRole("button", { name: "Open: a boat at dawn, <mist>" }).click({ timeout: workMs })
    await page.getByRole("link", { name: /“<mist>”/ }).waitFor()
    await page.keyboard.press("Escape")
    await page.getByRole("button", { name: /^Take mist away/ }).click()
  })

  test("what was exported is found again under Transfers, and downloaded there", async () => {
    const { page, open } = world()
    const { modelId } = furnishedIn(world())
    await open(`/models/${modelId}?tab=files`)
    await page.getByRole("button", { name: "More", exact: true }).click()
    await page.getByRole("menuitem", { name: "Export" }).click()
    await page.getByRole("button", { name: "Export", exact: true }).click()
    await page.getByText("To download").waitFor({ timeout: workMs })
    await open("/models")
    await content().getByRole("link", { name: "Transfers" }).click()
    await content()
      .getByRole("link", { name: /^Export Robot on the fjord/ })
      .click()
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Download", exact: true }).click(),
    ])
    assert.match(download.suggestedFilename(), /\.safetensors$/)
  })

  test("a transfer that failed says what to do and is tried again", async () => {
    const { page, open } = world()
    await open("/datasets?new=1")
    await page.getByLabel("Fetch from the Hugging Face Hub").fill("nobody/nothing")
    await page.getByRole("button", { name: "Fetch" }).click()
    await page.waitForURL(/\/transfers\/./)
    await content().getByText("Failed", { exact: true }).waitFor({ timeout: workMs })
    await page.getByRole("button", { name: "Try again" }).click()
    await page.getByRole("button", { name: "Try again" }).waitFor({ state: "hidden" })
    await content().getByText("Failed", { exact: true }).waitFor({ timeout: workMs })
    assert.equal(await page.getByRole("link", { name: "To the data set" }).count(), 0)
    await open("/datasets")
    await page.getByRole("link", { name: /^Sample concept/ }).waitFor()
    assert.equal(await page.getByText("nobody nothing").count(), 0, "a failed pull leaves no data set")
  })
}

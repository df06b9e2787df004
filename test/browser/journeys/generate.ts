/// <reference lib="dom" />
/** Making images, finding them again, and taking over what they were made with. */

import assert from "node:assert/strict"
import { test } from "node:test"
import { furnishedIn, type World, workMs } from "../world.ts"

export function generate(world: () => World) {
  const promptField = () => world().page.getByLabel("Prompt", { exact: true })
  const settledPrompt = (begin: string) =>
    world().page.waitForFunction(
      (text) => document.querySelector<HTMLTextAreaElement>("#prompt-form textarea")?.value.startsWith(text),
      begin,
    )
  const dropFile = async (bytes: Buffer, name: string, type: string) => {
    const { page } = world()
    const dataTransfer = await page.evaluateHandle(
      ({ content, file, mediaType }) => {
        const data = new DataTransfer()
        data.items.add(new File([Uint8Array.from(content)], file, { type: mediaType }))
        return data
      },
      { content: [...bytes], file: name, mediaType: type },
    )
    await page.dispatchEvent("body", "dragover", { dataTransfer })
    await page.dispatchEvent("body", "drop", { dataTransfer })
  }
  const clipboard = () => world().page.evaluate(() => navigator.clipboard.readText())

  test("the tokens of both prompts are counted, and what was typed outlives the page", async () => {
    const { page, open } = world()
    await open("/generate")
    await promptField().fill("a photo of sks robot on a red boat")
    await page
      .getByText(/^(≥ )?\d+ of 77 tokens$/)
      .first()
      .waitFor()
    await page.getByRole("button", { name: "Say what it shall not show" }).click()
    await page.getByLabel("Without").fill("rain ".repeat(90))
    await page.getByText("Only the first 77 tokens are read").waitFor()
    await page.getByRole("link", { name: "Grid of settings" }).click()
    await page.getByRole("heading", { name: "Grid of settings" }).waitFor()
    assert.equal(await promptField().inputValue(), "a photo of sks robot on a red boat")
    await page.getByLabel("Without").fill("")
  })

  test("one key takes over what an image was made with; its file brings it back, model included", async () => {
    const { page, open, studio, context } = world()
    await open("/generate")
    await page
      .getByRole("button", { name: /^Open: a photo of sks robot/ })
      .first()
      .click()
    await page.getByText("Comes from").waitFor()
    const link = page.getByLabel("Download with its settings inside")
    const href = await link.getAttribute("href")
    assert.ok(href !== null)
    const file = await (await context.request.get(studio.url + href)).body()
    await page.keyboard.press("a")
    await page.getByText("All settings are taken over.").waitFor()
    await page.keyboard.press("Escape")
    const model = await page.getByLabel("Model", { exact: true }).inputValue()
    await promptField().fill("something else")
    await page.getByLabel("Model", { exact: true }).selectOption({ index: 0 })
    await dropFile(file, "image.png", "image/png")
    await settledPrompt("a photo of sks robot")
    assert.equal(await page.getByLabel("Model", { exact: true }).inputValue(), model)
  })

  test("in the gallery the keys act on the image under the focus", async () => {
    const { page, open } = world()
    await open("/generate")
    await promptField().fill("something else")
    const first = page.getByRole("button", { name: /^Open: a photo of sks robot/ }).first()
    await first.focus()
    await page.keyboard.press("p")
    await settledPrompt("a photo of sks robot")
    await first.focus()
    await page.keyboard.press("x")
    await page.getByText("1 image chosen").waitFor()
  })

  test("two images are compared over each other and side by side, with what is different", async () => {
    const { page, open } = world()
    await open("/generate")
    const choose = page.getByRole("checkbox", { name: /^Choose: / })
    await choose.nth(0).check()
    await choose.nth(1).check()
    await page.getByRole("button", { name: "Compare", exact: true }).click()
    const dialog = page.getByRole("dialog", { name: "Compare two images" })
    await dialog.getByRole("slider", { name: /^Divider/ }).waitFor()
    await dialog.getByRole("row", { name: /^Seed/ }).waitFor()
    await dialog.getByRole("tab", { name: "Side by side" }).click()
    await dialog.getByRole("figure").nth(1).waitFor()
    await page.keyboard.press("Escape")
    await page.getByRole("button", { name: "None", exact: true }).click()
  })

  test("boards are made, renamed and deleted; the search finds prompts; favourites are kept", async () => {
    const { page, open } = world()
    await open("/generate")
    await page
      .getByRole("checkbox", { name: /^Choose: / })
      .first()
      .check()
    await page.getByRole("button", { name: "To a board" }).click()
    await page.getByRole("menuitem", { name: "A new board" }).click()
    await page.getByLabel("Name", { exact: true }).fill("Keepers")
    await page.getByRole("button", { name: "Make it" }).click()
    await page.getByLabel("Board", { exact: true }).selectOption({ label: "Keepers (1)" })
    await page.getByRole("button", { name: "More of Keepers" }).click()
    await page.getByRole("menuitem", { name: "Rename" }).click()
    await page.getByLabel("Name", { exact: true }).fill("The best")
    await page.getByRole("button", { name: "Rename", exact: true }).click()
    await page.getByRole("button", { name: "More of The best" }).click()
    await page.getByRole("menuitem", { name: "Delete the board" }).click()
    await page.getByRole("button", { name: "Delete the board" }).click()
    await page.getByLabel("Search prompts").fill("no such words")
    await page.getByText("No image matches").waitFor()
    await page.getByRole("button", { name: "Show all" }).click()
    await page.getByRole("button", { name: "Favourites only" }).click()
    await page.getByLabel("Favourite", { exact: true }).first().waitFor()
  })

  test("a picture of this computer is what an image starts from", async () => {
    const { page, open } = world()
    await open("/generate")
    const jpeg = await page.screenshot({ type: "jpeg" })
    await dropFile(jpeg, "photo.jpg", "image/jpeg")
    await page.getByText("photo.jpg holds no settings.").waitFor()
    await page.getByRole("button", { name: "Start from it" }).click()
    await page.getByAltText("The start").waitFor()
    await promptField().fill("a drawing of the studio")
    await page.getByLabel("Steps", { exact: true }).fill("4")
    await page.getByRole("button", { name: /^Generate/ }).click()
    await page.getByRole("button", { name: "Open: a drawing of the studio" }).waitFor({ timeout: workMs })
    await page.getByRole("button", { name: "Start from noise" }).click()
    await page.getByAltText("The start").waitFor({ state: "hidden" })
    // Whoever takes the image over takes the picture, too.
    await page.getByRole("button", { name: "Open: a drawing of the studio" }).focus()
    await page.keyboard.press("a")
    await page.getByAltText("The start").waitFor()
    await page.getByRole("button", { name: "Start from noise" }).click()
  })

  test("on a phone the images come into view when they are asked for", async () => {
    const { page, open } = world()
    const before = page.viewportSize()
    await page.setViewportSize({ width: 390, height: 844 })
    await open("/generate")
    await promptField().fill("a boat, seen on a phone")
    await page.getByLabel("Steps", { exact: true }).fill("2")
    await page.getByRole("button", { name: /^Generate/ }).click()
    await page.waitForFunction(() => {
      const top = document.querySelector("#content input[type=search]")?.getBoundingClientRect().top
      return top !== undefined && top < innerHeight
    })
    await page.getByRole("button", { name: "Open: a boat, seen on a phone" }).waitFor({ timeout: workMs })
    if (before !== null) await page.setViewportSize(before)
  })

  test("a grid draws every checkpoint at every number of steps, and its images lead on", async () => {
    const { page, open } = world()
    const { runId, modelId } = furnishedIn(world())
    await open(`/generate/grid?model=${modelId}`)
    await page.getByLabel("Columns", { exact: true }).selectOption("checkpoint")
    await page.getByRole("button", { name: "step 4" }).waitFor()
    await page.getByLabel("Rows", { exact: true }).selectOption("steps")
    await page.getByLabel("Steps of the rows").fill("1, 2")
    await page.getByRole("button", { name: /^Draw 6 images/ }).click()
    const cell = page.getByRole("link", { name: "step 12, 2" })
    await cell.waitFor({ timeout: workMs })
    await page.reload()
    await cell.click()
    await page.waitForURL(/\/images\/./)
    // The lineage, step by step and back: image → checkpoint → run → its images.
    await page.getByRole("link", { name: "step 12" }).click()
    await page.waitForURL(new RegExp(`/runs/${runId}`))
    await open(`/runs/${runId}/images`)
    await page.locator("#content a[href^='/images/']").first().waitFor()
  })

  test("from an image to its base model and back by links alone", async () => {
    const { page, open } = world()
    const { imageId, modelId } = furnishedIn(world())
    await open(`/images/${imageId}`)
    await page.getByRole("link", { name: "tiny", exact: true }).click()
    await page.waitForURL(/\/base-models\//)
    await page.getByRole("heading", { name: "Runs that started from it" }).waitFor()
    await page.locator(`#content a[href='/models/${modelId}']`).click()
    await page.waitForURL(new RegExp(`/models/${modelId}`))
    await page.getByRole("tab", { name: "Images" }).click()
    await page.locator(`#content a[href='/images/${imageId}']`).click()
    await page.waitForURL(new RegExp(`/images/${imageId}`))
  })

  test("what a page shows and does is copied as the query that does it", async () => {
    const { page, open } = world()
    const { imageId } = furnishedIn(world())
    await open(`/images/${imageId}`)
    await page.getByRole("button", { name: "More", exact: true }).click()
    await page.getByRole("menuitem", { name: "Copy as query" }).click()
    await page.getByText("The query is copied.").waitFor()
    assert.match(await clipboard(), new RegExp(`^curl http.*/graphql[^]*generatedImage[^]*${imageId}`))
    await open("/generate")
    await promptField().fill("a copied prompt")
    await page.getByRole("button", { name: "Copy as query" }).click()
    await page.waitForFunction(async () => (await navigator.clipboard.readText()).includes("a copied prompt"))
  })
}

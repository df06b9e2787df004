/** Pictures and captions. */

import { test } from "node:test"
import type { World } from "../world.ts"

export function datasets(world: () => World) {
  test("files are added with a word about each one that is refused", async () => {
    const { page, open } = world()
    await open("/datasets")
    await page.getByRole("button", { name: "New data set" }).click()
    await page.getByLabel("Name").fill("Uploads")
    await page.getByRole("button", { name: "Create" }).click()
    await page.getByText("Drop your pictures anywhere on this page").waitFor()
    const png = await page.screenshot()
    await page.getByLabel("Pictures to add").setInputFiles([
      { name: "page.png", mimeType: "image/png", buffer: png },
      { name: "broken.png", mimeType: "image/png", buffer: png.subarray(0, 2_000) },
      { name: "film.mp4", mimeType: "video/mp4", buffer: png },
    ])
    await page.getByText("It is neither a picture").waitFor()
    await page.getByText("1 file added, 2 refused").waitFor()
    await page.getByLabel("Caption of page.png").waitFor()
  })

  test("captions change alone and together, and every change can be taken back", async () => {
    const { page } = world()
    const caption = page.getByLabel("Caption of page.png")
    await caption.fill("a page of the studio")
    await caption.press("Enter")
    await page.getByText("Change the captions of all 1 picture").click()
    await page.getByLabel("Text", { exact: true }).fill("sks")
    await page.getByRole("button", { name: "Apply" }).click()
    await page.waitForFunction(
      () =>
        document.querySelector<HTMLTextAreaElement>("[aria-label='Caption of page.png']")?.value ===
        "sks a page of the studio",
    )
    await page.getByRole("button", { name: "Undo" }).click()
    await page.waitForFunction(
      () =>
        document.querySelector<HTMLTextAreaElement>("[aria-label='Caption of page.png']")?.value ===
        "a page of the studio",
    )
  })
}

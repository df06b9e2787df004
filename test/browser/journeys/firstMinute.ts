/** From an empty studio to the first own image. */

import { test } from "node:test"
import { signUp } from "../furnish.ts"
import { type World, workMs } from "../world.ts"

export function firstMinute(world: () => World) {
  test("a newcomer comes from an empty studio to an own image", async () => {
    const { page, studio, open } = world()
    await page.goto(studio.url)
    await page.waitForURL(/sign-(in|up)/)
    await signUp(page, studio.url)
    await page.getByText("Your first image in four steps").waitFor()

    await open("/settings")
    await page.getByLabel("Add", { exact: true }).selectOption("FOLDER")
    await page.getByLabel("Path on the worker's machine").fill(studio.tinyModel)
    await page.getByRole("button", { name: "Add", exact: true }).click()
    await page.getByText(studio.tinyModel).waitFor()

    await open("/")
    await page.getByRole("button", { name: "Try the sample" }).click()
    await page.waitForURL(/\/datasets\/./)
    await page.getByText("5 pictures", { exact: false }).first().waitFor()
    await page.getByRole("link", { name: "Train on these" }).click()

    await page.getByRole("button", { name: "Next: Look" }).click()
    // What the starter model takes is known before anybody has trained; the worker measures its machine first.
    await page.getByRole("radio", { name: /^Starter/ }).check({ force: true })
    await page.getByText("Optimiser steps. Default: 250, as suits Starter model.").waitFor()
    await page.getByText(/^about \d/).waitFor({ timeout: workMs })
    // It would do, too; this one takes seconds.
    await page.getByRole("radio", { name: /^tiny/ }).check({ force: true })
    await page.getByLabel("Steps", { exact: true }).fill("6")
    await page.getByLabel("Resolution", { exact: true }).fill("64")
    await page.getByLabel("Show me while it learns").fill("a photo of sks thing on the moon")
    await page.getByRole("button", { name: "Next: Check" }).click()
    await page.getByText("Is this right?").waitFor()
    await page.getByRole("button", { name: "Start training" }).click()

    await page.waitForURL(/\/runs\/(?!new)./)
    await page.getByText("Finished", { exact: true }).waitFor({ timeout: workMs })
    await page.getByText("step 6 of 6").waitFor()
    // However short the run, there is something to lay beside what the base model drew.
    await page.getByRole("rowheader", { name: /^Step 6/ }).waitFor()
    await page.getByRole("img", { name: /^Loss over 6 steps/ }).waitFor()
    await page
      .locator("#content")
      .getByRole("link", { name: /^Generate/ })
      .first()
      .click()

    await page.waitForURL(/\/generate\?/)
    await page.getByLabel("Steps", { exact: true }).fill("3")
    await page.getByRole("button", { name: /^Generate/ }).click()
    await page
      .getByRole("button", { name: /^Open: / })
      .first()
      .waitFor({ timeout: workMs })
  })
}

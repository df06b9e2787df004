/// <reference lib="dom" />
/** The dashboard in a real Chromium, against a real server and worker with a very small model. */

import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { after, before, describe, test } from "node:test"
import { fileURLToPath } from "node:url"
import type { Browser, BrowserContext, Page } from "playwright-core"
import { buildDashboard } from "../../scripts/studio/dashboard.ts"
import { launchChromium } from "./chromium.ts"
import { type Furnished, furnish, signUp } from "./furnish.ts"
import { pagesOf } from "./pages.ts"
import { type Studio, startStudio } from "./studio.ts"

const axe = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8")
/** The machine that tests run on may be busy. */
const patienceMs = 120_000

let studio: Studio
let browser: Browser
let context: BrowserContext
let page: Page
/** What the browser complained of: nothing, in a sound page. */
const complaints: string[] = []

describe("the dashboard", { timeout: 1_200_000 }, () => {
  before(async () => {
    assert.ok(
      await buildDashboard(console.log, new AbortController().signal),
      "The dashboard could not be built; its errors are above.",
    )
    studio = await startStudio()
    browser = await launchChromium()
    context = await browser.newContext({
      locale: "en-US",
      viewport: { width: 1360, height: 900 },
      acceptDownloads: true,
    })
    page = await context.newPage()
    page.setDefaultTimeout(patienceMs)
    page.on("pageerror", (error) => complaints.push(error.message))
    page.on("console", (message) => {
      // The browser reports every answer above 399; a file that is refused on purpose gets one.
      const refused = new URL(message.location().url || "about:blank").pathname.startsWith("/uploads/")
      if (message.type() === "error" && !refused) complaints.push(`${message.text()} ${message.location().url}`)
    })
  })
  after(async () => {
    await browser?.close()
    await studio?.stop()
  })

  const open = async (path: string) => {
    await page.goto(studio.url + path, { waitUntil: "load" })
    await page.getByRole("heading", { level: 1 }).waitFor()
  }

  test("a newcomer comes from an empty studio to an own image", async () => {
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
    await page.getByLabel("Steps", { exact: true }).fill("6")
    await page.getByLabel("Resolution", { exact: true }).fill("64")
    await page.getByLabel("Show me while it learns").fill("a photo of sks thing on the moon")
    await page.getByRole("button", { name: "Next: Check" }).click()
    await page.getByText("Is this right?").waitFor()
    await page.getByRole("button", { name: "Start training" }).click()

    await page.waitForURL(/\/runs\/(?!new)./)
    await page.getByText("Finished", { exact: true }).waitFor({ timeout: 300_000 })
    await page.getByText("step 6 of 6").waitFor()
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
      .waitFor()
  })

  test("files are added with a word about each one that is refused", async () => {
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

  let ids: Furnished

  test("a run's samples are compared, its checkpoint becomes a model, its settings start another", async () => {
    ids = await furnish(context.request, studio.url, studio.tinyModel)
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

  test("one key takes over what an image was made with; its file brings it back", async () => {
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
    const prompt = page.getByLabel("Prompt", { exact: true })
    await prompt.fill("something else")
    const transfer = await page.evaluateHandle(
      (bytes) => {
        const data = new DataTransfer()
        data.items.add(new File([Uint8Array.from(bytes)], "image.png", { type: "image/png" }))
        return data
      },
      [...file],
    )
    await page.dispatchEvent("body", "dragover", { dataTransfer: transfer })
    await page.dispatchEvent("body", "drop", { dataTransfer: transfer })
    await page.waitForFunction(() =>
      document.querySelector<HTMLTextAreaElement>("#prompt-form textarea")?.value.startsWith("a photo of sks robot"),
    )
  })

  test("a card is written, compared with its earlier version, and shared by a link that shows nothing else", async () => {
    await open(`/models/${ids.modelId}`)
    await page.getByLabel("Tags").fill("robot, lora")
    await page.getByLabel("Tags").blur()
    await page.getByRole("button", { name: "Save a version" }).click()
    await page.getByText("Saved as version 3.").waitFor()
    await page.getByRole("tab", { name: /Versions/ }).click()
    await page.getByText("What changed from version 2 to 3").waitFor()
    await page.getByRole("button", { name: "More" }).click()
    await page.getByRole("menuitem", { name: "Share the card" }).click()
    await page.getByRole("button", { name: "Make a link" }).click()
    const url = await page.getByLabel("Link", { exact: true }).inputValue()
    const stranger = await (await browser.newContext({ locale: "en-US" })).newPage()
    stranger.setDefaultTimeout(patienceMs)
    await stranger.goto(url)
    await stranger.getByRole("heading", { level: 1 }).first().waitFor()
    await stranger.goto(`${studio.url}/models/${ids.modelId}`)
    await stranger.waitForURL(/sign-in/)
    await stranger.context().close()
  })

  test("the keyboard reaches every place", async () => {
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

  test("no page breaks a rule of accessibility, in light or dark, or complains in the console", async () => {
    const broken: string[] = []
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" })
      for (const [name, path] of Object.entries(pagesOf(ids))) {
        await open(path)
        await page.waitForTimeout(500)
        await page.evaluate(axe)
        const violations = await page.evaluate(async () => {
          // @ts-expect-error: the script above defines it.
          const { violations: found } = await axe.run(document, { resultTypes: ["violations"] })
          return found.map(
            (one: { id: string; nodes: { html: string }[] }) =>
              `${one.id}: ${one.nodes
                .slice(0, 3)
                .map((node) => node.html.slice(0, 200))
                .join(" | ")}`,
          )
        })
        broken.push(...violations.map((violation: string) => `${name}, ${colorScheme}: ${violation}`))
      }
    }
    assert.deepEqual(broken, [])
    assert.deepEqual(complaints, [])
  })
})

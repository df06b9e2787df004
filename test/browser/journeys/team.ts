/** People and their rights, and the keys of programs. */

import assert from "node:assert/strict"
import { test } from "node:test"
import { furnishedIn, type World } from "../world.ts"

export function team(world: () => World) {
  test("somebody invited joins by the link, as a viewer may look and not change, and is removed again", async () => {
    const { page, open, stranger } = world()
    const { runId } = furnishedIn(world())
    await open("/team")
    await page.getByRole("button", { name: "Invite" }).click()
    await page.getByLabel("Role", { exact: true }).selectOption("VIEWER")
    await page.getByRole("button", { name: "Make a link" }).click()
    const url = await page.getByLabel("Send this link").inputValue()
    await page.keyboard.press("Escape")

    const guest = await stranger()
    await guest.goto(url)
    await guest.getByRole("link", { name: "Create an account" }).click()
    await guest.getByRole("heading", { name: "Join the studio" }).waitFor()
    await guest.goto(`${new URL(url).origin}/sign-up`)
    await guest.getByRole("heading", { name: "This studio is by invitation" }).waitFor()
    await guest.goto(url)
    await guest.getByRole("link", { name: "Create an account" }).click()
    await guest.getByLabel("Name", { exact: true }).fill("Jonas Lind")
    await guest.getByLabel("Email").fill("jonas@example.org")
    await guest.getByLabel("Password").fill("another long password")
    await guest.getByRole("button", { name: "Create account" }).click()
    await guest.getByRole("heading", { name: /Hello|Join Ada/ }).waitFor()
    const join = guest.getByRole("button", { name: "Join" })
    if (await join.isVisible()) await join.click()
    await guest.goto(`${new URL(url).origin}/runs/${runId}`)
    await guest.getByRole("heading", { name: "Robot on the fjord" }).waitFor()
    await guest.goto(`${new URL(url).origin}/generate`)
    const generate = guest.getByRole("button", { name: /^Generate/ })
    assert.match((await generate.getAttribute("aria-description")) ?? "", /^You may look at/)

    await open("/team")
    await page.getByRole("button", { name: "Remove Jonas Lind" }).click()
    await page.getByRole("button", { name: "Remove", exact: true }).click()
    await page.getByText("jonas@example.org").waitFor({ state: "hidden" })
    await guest.goto(`${new URL(url).origin}/`)
    await guest.getByRole("heading", { name: "You are in no team" }).waitFor()
    await guest.context().close()
  })

  test("a token is shown once, works, and is refused after it is revoked", async () => {
    const { page, open, studio } = world()
    await open("/settings")
    await page.getByLabel("Name", { exact: true }).fill("My notebook")
    await page.getByRole("button", { name: "Make a token" }).click()
    await page.getByText("Copy it now; it is not shown again").waitFor()
    const token =
      (await page
        .locator("code", { hasText: /^fjord_/ })
        .first()
        .textContent()) ?? ""
    // Not by the browser, whose cookie would answer for the token.
    const ask = async () => {
      const response = await fetch(`${studio.url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
        body: JSON.stringify({ query: "{ viewer { user { name } } }" }),
      })
      return response.status
    }
    assert.equal(await ask(), 200)
    await page.getByRole("button", { name: "Revoke My notebook" }).click()
    await page.getByRole("button", { name: "Revoke", exact: true }).click()
    // Not by its button's role: whatever lies behind an open dialog has none.
    await page.locator("li", { hasText: "My notebook" }).waitFor({ state: "hidden" })
    assert.equal(await ask(), 401)
  })

  test("the workers and what they run on are shown live", async () => {
    const { page, open } = world()
    await open("/settings")
    await page.getByText("this machine", { exact: true }).waitFor()
    await page.getByText("Free", { exact: true }).waitFor()
  })
}

/** The way back in for somebody who forgot the password, in a studio that sends no mail. */

import assert from "node:assert/strict"
import { test } from "node:test"
import type { Page } from "playwright-core"
import type { World } from "../world.ts"

const mia = { name: "Mia Holm", email: "mia@example.org" }

export function accounts(world: () => World) {
  test("an owner makes a link by which a member sets a new password, by keys alone; all other browsers are signed out", async () => {
    const { page, open, stranger, studio } = world()
    await open("/team")
    await page.getByRole("button", { name: "Invite" }).click()
    await page.getByRole("button", { name: "Make a link" }).click()
    const invitation = await page.getByLabel("Send this link").inputValue()
    await page.keyboard.press("Escape")
    const before = await stranger()
    await before.goto(invitation)
    await before.getByRole("link", { name: "Create an account" }).click()
    await before.getByLabel("Name", { exact: true }).fill(mia.name)
    await before.getByLabel("Email").fill(mia.email)
    await before.getByLabel("Password").fill("soon to be forgotten")
    await before.getByRole("button", { name: "Create account" }).click()
    await before.getByRole("heading", { name: /Hello|Join/ }).waitFor()

    const after = await stranger()
    await after.goto(`${studio.url}/sign-in`)
    await after.getByText("Forgot your password?").click()
    await after.getByText("Ask an owner of your team for a link").waitFor()

    await open("/team")
    await page.getByRole("button", { name: `A new password for ${mia.name}` }).click()
    await page.getByRole("button", { name: "Make a link" }).click()
    const url = await page.getByLabel("Send this link").inputValue()
    await page.keyboard.press("Escape")

    await after.goto(url)
    await after.getByText(`For ${mia.name}, ${mia.email}.`).waitFor()
    await after.keyboard.type("a password to keep")
    await after.keyboard.press("Enter")
    await after.getByRole("heading", { name: "Your new password is set" }).waitFor()
    await after.keyboard.press("Enter")
    await signIn(after, "a password to keep")
    await before.goto(`${studio.url}/runs`)
    await before.getByRole("heading", { name: "Welcome back" }).waitFor()
    await before.goto(url)
    await before.getByRole("heading", { name: "This link is no longer open" }).waitFor()

    await before.getByRole("link", { name: "Go to sign in" }).click()
    await signIn(before, "a password to keep")
    await before.context().close()
    await changePassword(after)
    await after.context().close()
  })
}

async function signIn(page: Page, password: string) {
  await page.getByLabel("Email").fill(mia.email)
  await page.getByLabel("Password").fill(password)
  await page.getByRole("button", { name: "Sign in" }).click()
  await page.getByRole("heading", { name: /Hello/ }).waitFor()
}

async function changePassword(page: Page) {
  await page.goto(`${new URL(page.url()).origin}/settings`)
  const account = page.getByRole("region", { name: "Your account" })
  const others = account.getByRole("button", { name: /^Sign .* out$/ })
  await others.waitFor()
  await account.getByLabel("Current password").fill("a password to keep")
  await account.getByLabel("New password").fill("another one to keep")
  await account.getByRole("button", { name: "Show the password" }).click()
  assert.equal(await account.getByLabel("New password").getAttribute("type"), "text")
  await account.getByRole("button", { name: "Change the password" }).click()
  await account.getByText("Your password is changed.").waitFor()
  await account.getByText("(this one)").waitFor()
  await others.waitFor({ state: "hidden" })
}

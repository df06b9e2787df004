import assert from "node:assert/strict"
import { test } from "node:test"
import { isRepositoryId, isSafePath } from "./repositoryName.ts"

test("an id is what the Hub allows: owner and name of letters, digits, and - _ . inside", () => {
  for (const id of ["anna/robot", "a/b", "anna_1/_robot_", "stable-diffusion-v1-5/v1.5", `a/${"x".repeat(96)}`])
    assert.ok(isRepositoryId(id), id)
  for (const id of [
    "robot",
    "anna/",
    "anna/robot/unet",
    "anna/-robot",
    "anna/robot.",
    "anna/ro--bot",
    "anna/..",
    "anna/robot.git",
    "anna/röbot",
    "anna/ro bot",
    `a/${"x".repeat(97)}`,
  ])
    assert.ok(!isRepositoryId(id), id)
})

test("a path stays inside its repository on every system", () => {
  for (const path of ["a", "unet/model.safetensors", "a b/ü.png", ".gitattributes"]) assert.ok(isSafePath(path), path)
  for (const path of ["", "/a", "a//b", "../a", "a/./b", "a\\b", "C:/a", "a\0", "a\n", "x".repeat(1025)])
    assert.ok(!isSafePath(path), path)
})

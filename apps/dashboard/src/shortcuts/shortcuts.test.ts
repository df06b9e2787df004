import assert from "node:assert/strict"
import { test } from "node:test"
import { readKeys, type Shortcut } from "./shortcuts.ts"

const reader = (keys: string[]) => {
  const ran: string[] = []
  let time = 0
  const shortcuts = new Map<string, Shortcut>(
    keys.map((name) => [name, { keys: name, label: name, group: "test", run: () => ran.push(name) }]),
  )
  const press = readKeys(
    (name) => shortcuts.get(name),
    () => time,
  )
  return { ran, press, wait: (ms: number) => (time += ms) }
}

test("a single key runs its shortcut", () => {
  const { ran, press } = reader(["p"])
  assert.equal(press("p"), true)
  assert.deepEqual(ran, ["p"])
})

test("two keys in a row run the pair, not the second key alone", () => {
  const { ran, press } = reader(["g r", "r"])
  assert.equal(press("g"), false)
  assert.equal(press("r"), true)
  assert.deepEqual(ran, ["g r"])
})

test("a second key that comes late stands for itself", () => {
  const { ran, press, wait } = reader(["g r", "r"])
  press("g")
  wait(1000)
  press("r")
  assert.deepEqual(ran, ["r"])
})

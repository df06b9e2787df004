import assert from "node:assert/strict"
import { test } from "node:test"
import { browserOf } from "./browserOf.ts"

test("a browser is known by its own name, not by those that it descends from", () => {
  const chrome =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36"
  for (const [userAgent, words] of [
    [chrome, "Chrome on Windows"],
    [`${chrome} Edg/141.0`, "Edge on Windows"],
    ["Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0", "Firefox on Linux"],
    [
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
      "Safari on iPhone",
    ],
    ["node", "Something"],
    [null, "Something"],
  ] as const)
    assert.equal(browserOf(userAgent), words)
})

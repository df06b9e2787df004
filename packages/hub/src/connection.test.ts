import assert from "node:assert/strict"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { hubConnection } from "./connection.ts"
import { scratchFolder } from "./hub.fixture.ts"

const home = scratchFolder()
writeFileSync(join(home, "token"), "hf_stored\n")

test("options win over the environment, and that over the token that was stored", () => {
  const environment = { HF_HOME: home, HF_ENDPOINT: "https://mirror.example/", HF_TOKEN: "hf_environment" }
  const connection = hubConnection({}, environment)
  assert.equal(connection.endpoint, "https://mirror.example")
  assert.equal(connection.token, "hf_environment")
  assert.equal(connection.cacheFolder, join(home, "hub"))
  assert.equal(hubConnection({ token: "hf_option" }, environment).token, "hf_option")
  assert.equal(hubConnection({}, { HF_HOME: home, HF_TOKEN: " " }).token, "hf_stored")
  assert.equal(hubConnection({ token: null }, environment).token, undefined)
  assert.equal(hubConnection({ endpoint: "https://mirror.example" }).token, undefined)
})

test("the cache is where Python looks for it", () => {
  const folder = (environment: Record<string, string>) => hubConnection({ token: null }, environment).cacheFolder
  assert.equal(folder({ HF_HUB_CACHE: "/a", HF_HOME: "/b" }), "/a")
  assert.equal(folder({ HUGGINGFACE_HUB_CACHE: "/a" }), "/a")
  assert.equal(folder({ XDG_CACHE_HOME: "/c" }), join("/c", "huggingface", "hub"))
})

test("an address that is none and a token that cannot be one are refused", () => {
  for (const endpoint of ["huggingface.co", "ftp://huggingface.co"])
    assert.throws(() => hubConnection({ endpoint, token: null }), /is no web address/)
  assert.throws(() => hubConnection({ token: "github_pat_123" }), /does not look like one/)
})

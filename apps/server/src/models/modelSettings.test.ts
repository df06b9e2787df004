import assert from "node:assert/strict"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, test } from "node:test"
import { modelSettingsFile, noModelSettings } from "@fjord/contracts"
import { settingsOf } from "./modelSettings.ts"

const folders: string[] = []
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

function folderOf(settings: string): string {
  const folder = mkdtempSync(join(tmpdir(), "fjord-settings-"))
  folders.push(folder)
  writeFileSync(join(folder, modelSettingsFile), settings)
  return folder
}

test("the starter model and what was trained on it suggest its settings, a folder its own, all others none", async () => {
  const starter = await settingsOf({ source: "STARTER", family: "starter", location: "starter" })
  assert.ok((starter.training.full.learningRate ?? 0) > 5e-6)
  assert.deepEqual(await settingsOf({ source: "MODEL", family: "starter", location: "id" }), starter)
  const own = folderOf('{ "training": { "lora": { "rank": 2 } } }')
  assert.deepEqual((await settingsOf({ source: "FOLDER", family: null, location: own })).training.lora, { rank: 2 })
  for (const text of ["{", '{ "training": { "lora": { "rank": "two" } } }']) {
    const broken = folderOf(text)
    assert.deepEqual(await settingsOf({ source: "FOLDER", family: null, location: broken }), noModelSettings)
  }
  assert.deepEqual(await settingsOf({ source: "HUB", family: "sd1", location: "user/name" }), noModelSettings)
})

import assert from "node:assert/strict"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { after, test } from "node:test"
import { folderFacts } from "./folderFacts.ts"

const folders: string[] = []
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

function folderOf(configs: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), "fjord-facts-"))
  folders.push(folder)
  for (const [path, text] of Object.entries(configs)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

const vae = { "vae/config.json": JSON.stringify({ block_out_channels: [128, 256, 512, 512] }) }
const unet = (sample_size: number, cross_attention_dim: number) => ({
  "unet/config.json": JSON.stringify({ sample_size, cross_attention_dim }),
})
const predicts = (prediction_type: string) => ({
  "scheduler/scheduler_config.json": JSON.stringify({ prediction_type }),
})

test("resolution and family are those of SD 1.x, 2.x and SDXL as they are published", async () => {
  assert.deepEqual(await folderFacts(folderOf({ ...vae, ...unet(64, 768) })), { resolution: 512, family: "sd1" })
  assert.deepEqual(await folderFacts(folderOf({ ...vae, ...unet(64, 1024), ...predicts("epsilon") })), {
    resolution: 512,
    family: "sd2",
  })
  assert.deepEqual(await folderFacts(folderOf({ ...vae, ...unet(96, 1024), ...predicts("v_prediction") })), {
    resolution: 768,
    family: "sd2v",
  })
  assert.deepEqual(await folderFacts(folderOf({ ...vae, ...unet(128, 2048) })), { resolution: 1024, family: "sdxl" })
})

test("a folder that is missing, broken or of no known family claims nothing", async () => {
  const nothing = { resolution: null, family: null }
  assert.deepEqual(await folderFacts(join(tmpdir(), "fjord-is-not-here")), nothing)
  assert.deepEqual(await folderFacts(folderOf({ ...vae, "unet/config.json": "{" })), nothing)
  assert.deepEqual(await folderFacts(folderOf(unet(64, 32))), nothing)
})

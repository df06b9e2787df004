/** Every command that docs/hub.md and docs/formats.md print does what they say, run by a shell as it is printed. */

import assert from "node:assert/strict"
import { execFile } from "node:child_process"
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { after, before, describe, test } from "node:test"
import { fileURLToPath } from "node:url"
import { encodePng, exportCheckpoint, newModel } from "@fjord/diffusion"
import { writeSafetensors } from "@fjord/engine"
import { connectTo, scratchFolder } from "../../../packages/hub/src/hub.fixture.ts"
import { pushFolder } from "../../../packages/hub/src/transfer/push.ts"
import { type StandIn, startStandIn } from "../../../test/hub/standIn.ts"

const folder = scratchFolder()
const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))
let standIn: StandIn

/** What stands for something of the reader's. */
const placeholders: readonly (readonly [RegExp, string])[] = [
  [/\byou\//g, "anna/"],
  [/\b(?:DIR|BASE)\b/g, "base"],
  [/\bFILE\b/g, "one.safetensors"],
  [/\bOTHER\b/g, "two.safetensors"],
  [/\bONNX\b/g, "onnx"],
  [/\bHALF\b/g, "half"],
  // What may be left out is given here.
  [/[[\]]/g, ""],
]

function commandsOf(document: string): string[] {
  const text = readFileSync(at(`../../../docs/${document}`), "utf8")
  return [...text.matchAll(/npm run fjord -- ([^`\n]+)/g)].map(([command]) => command)
}

/** A LoRA of rank 2 on one projection. */
async function writeLora(name: string, into: number, out: number): Promise<void> {
  const module = "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.lora"
  const matrix = (part: string, rows: number, columns: number) => ({
    name: `${module}.${part}.weight`,
    dataType: "F32" as const,
    shape: [rows, columns],
    data: Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i + name.length)),
  })
  await writeSafetensors(join(folder, name), [matrix("down", 2, into), matrix("up", out, 2)])
}

before(async () => {
  standIn = await startStandIn()
  const base = join(folder, "base")
  mkdirSync(base)
  await newModel("tiny", base, 1)
  await exportCheckpoint(base, join(folder, "model.safetensors"))
  // One that fits Stable Diffusion 1.5 as published, two for the model at hand.
  await writeLora("lora.safetensors", 320, 320)
  for (const name of ["one.safetensors", "two.safetensors"]) await writeLora(name, 32, 32)
  const vector = { dataType: "F32" as const, shape: [1, 32], data: new Float32Array(32).fill(0.1) }
  await writeSafetensors(join(folder, "toy.safetensors"), [{ name: "<toy>", ...vector }])
  await writeSafetensors(join(folder, "style.safetensors"), [{ name: "emb_params", ...vector }])
  mkdirSync(join(folder, "pictures"))
  const rgb = new Uint8Array(64 * 64 * 3).fill(90)
  writeFileSync(join(folder, "pictures", "a.png"), await encodePng({ width: 64, height: 64, rgb }))
  const repository = { type: "model", id: "CompVis/stable-diffusion-v1-4" } as const
  standIn.world.accounts.set(standIn.token, { name: "anna", role: "write", organisations: ["CompVis"] })
  standIn.add(repository.type, repository.id)
  await pushFolder(connectTo(standIn, join(folder, "cache")), base, { repository, title: "Tiny" })
  standIn.addFile("model", "anna/base", "README.md", "---\nlicense: mit\n---\n")
  mkdirSync(join(folder, "runs", "robot"), { recursive: true })
  cpSync(join(folder, "one.safetensors"), join(folder, "runs", "robot", "pytorch_lora_weights.safetensors"))
  const commit = standIn.repository("model", "anna/base")?.head("main")?.oid
  writeFileSync(join(folder, "runs", "robot", "hub.json"), JSON.stringify({ baseModel: { id: "anna/base", commit } }))
})
after(() => standIn.close())

/** Runs a line as a shell would; `npm run fjord --` is the command of this checkout. */
function run(line: string): Promise<{ status: number; stdout: string; stderr: string }> {
  const shell = `npm() { shift 3; '${process.execPath}' '${at("./main.ts")}' "$@"; }\n${line}`
  const { endpoint: HF_ENDPOINT, token: HF_TOKEN } = standIn
  const env = { PATH: process.env.PATH, HF_ENDPOINT, HF_TOKEN, HF_HOME: join(folder, "home") }
  return new Promise((resolve) => {
    execFile("sh", ["-c", shell], { cwd: folder, env }, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr }),
    )
  })
}

for (const document of ["hub.md", "formats.md"])
  describe(`docs/${document}`, () => {
    for (const printed of commandsOf(document))
      test(printed, async () => {
        const line = placeholders.reduce((text, [pattern, value]) => text.replaceAll(pattern, value), printed)
        // As few steps as show that it works.
        const { status, stdout, stderr } = await run(/ generate /.test(line) ? `${line} --steps 1 --threads 1` : line)
        assert.equal(status, 0, `${stderr}\n${stdout}`)
        const made = /--out (\S+)/.exec(line)?.[1]
        if (made !== undefined) assert.ok(existsSync(join(folder, made)), made)
      })
  })

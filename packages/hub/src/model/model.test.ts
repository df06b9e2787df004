import assert from "node:assert/strict"
import { randomBytes } from "node:crypto"
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { after, before, describe, test } from "node:test"
import { type StandIn, startStandIn } from "../../../../test/hub/standIn.ts"
import { derivedLicence } from "../card/licence.ts"
import { modelCard } from "../card/modelCard.ts"
import { samplePath } from "../card/samples.ts"
import { assertFiles, connectTo, type Files, pythonHas, runPython, scratchFolder, writeFiles } from "../hub.fixture.ts"
import { copyModel, pullModel } from "./pullModel.ts"
import { pushModel } from "./pushModel.ts"

const scratch = scratchFolder()
let standIn: StandIn
before(async () => {
  standIn = await startStandIn({ pageSize: 7 })
})
after(() => standIn.close())

const newFolder = () => mkdtempSync(join(scratch, "folder-"))
const connect = (cache = join(scratch, "cache")) => connectTo(standIn, cache)

const index = {
  _class_name: "StableDiffusionPipeline",
  unet: ["diffusers", "UNet2DConditionModel"],
  vae: ["diffusers", "AutoencoderKL"],
  text_encoder: ["transformers", "CLIPTextModel"],
  tokenizer: ["transformers", "CLIPTokenizer"],
  scheduler: ["diffusers", "PNDMScheduler"],
  safety_checker: ["x", "StableDiffusionSafetyChecker"],
  feature_extractor: [null, null],
}

const needed: Files = {
  "model_index.json": Buffer.from(JSON.stringify(index)),
  "unet/config.json": Buffer.from("{}"),
  "unet/diffusion_pytorch_model.safetensors": randomBytes(40_000),
  "vae/config.json": Buffer.from("{}"),
  "vae/diffusion_pytorch_model.safetensors": randomBytes(10_000),
  "text_encoder/config.json": Buffer.from("{}"),
  "text_encoder/model.safetensors": randomBytes(10_000),
  "tokenizer/vocab.json": Buffer.from("{}"),
  "tokenizer/merges.txt": Buffer.from("#version\n"),
  "scheduler/scheduler_config.json": Buffer.from("{}"),
}
const shown = samplePath({ step: 1, promptIndex: 0, seed: 42n })
const card = (id: string, method: "full" | "lora") =>
  modelCard({
    title: "Robot",
    id,
    method,
    family: "sd1",
    licence: derivedLicence("sd1"),
    samples: [{ prompt: "a robot", image: shown }],
    settings: [],
  })

/** Puts files into a new model of the stand-in as they are. */
async function publish(id: string, files: Files): Promise<void> {
  const { createRepository } = await import("../account.ts")
  const { pushFiles } = await import("../transfer/push.ts")
  const repository = { type: "model", id } as const
  await createRepository(connect(), repository)
  const sources = Object.entries(files).map(([path, content]) => ({ path, content }))
  await pushFiles(connect(), sources, { repository, title: "Files" })
}

test("a model folder goes to the Hub and back with the same bytes, and nothing else goes with it", async () => {
  const folder = newFolder()
  writeFiles(folder, {
    ...needed,
    "checkpoints/step-1/state.safetensors": randomBytes(10),
    "samples/step-1.png": randomBytes(100),
    "notes.txt": Buffer.from("private"),
  })
  const pictures = [{ path: shown, file: join(folder, "samples/step-1.png") }]
  const pushed = await pushModel(connect(), "anna/robot", { folder, card: card("anna/robot", "full"), pictures })
  const paths = [...(standIn.repository("model", "anna/robot")?.head("main")?.files.keys() ?? [])]
  const expected = [".gitattributes", "README.md", shown, ...Object.keys(needed)]
  assert.deepEqual(paths.sort(), expected.sort())

  const pulled = await pullModel(connect(), "anna/robot")
  assert.equal(pulled.commit, pushed.commit)
  assert.equal(pulled.kind, "pipeline")
  assertFiles(pulled.folder, needed)
  const out = join(newFolder(), "copy")
  await copyModel(pulled, out)
  assertFiles(out, needed)
  assert.ok(!lstatSync(join(out, "unet/config.json")).isSymbolicLink())
  await assert.rejects(copyModel(pulled, out), { code: "exists" })
})

test("a model_index.json that is larger than any configuration is not read", async () => {
  await publish("anna/swollen", { "model_index.json": Buffer.alloc(25_000_001, " ") })
  await assert.rejects(pullModel(connect(), "anna/swollen"), /model_index\.json of anna\/swollen is larger than any/)
})

test("a LoRA goes with both of its files, and a smaller second version leaves nothing of the first", async () => {
  const folder = newFolder()
  const files = {
    "pytorch_lora_weights.safetensors": randomBytes(50),
    "pytorch_lora_weights_kohya.safetensors": randomBytes(60),
  }
  writeFiles(folder, { ...files, "a.png": randomBytes(9) })
  const text = card("anna/lora", "lora")
  const second = { path: samplePath({ step: 1, promptIndex: 1, seed: 42n }), file: join(folder, "a.png") }
  const pictures = [{ path: shown, file: join(folder, "a.png") }]
  await pushModel(connect(), "anna/lora", { folder, card: text, pictures: [...pictures, second] })
  // The file that the card's snippet asks diffusers for is among those that are sent.
  const named = /load_lora_weights\("anna\/lora", weight_name="([^"]+)"\)/.exec(text)?.[1] ?? assert.fail(text)
  assert.ok(standIn.repository("model", "anna/lora")?.head("main")?.files.has(named))
  rmSync(join(folder, "pytorch_lora_weights_kohya.safetensors"))
  await pushModel(connect(), "anna/lora", { folder, card: text, pictures })
  const paths = [...(standIn.repository("model", "anna/lora")?.head("main")?.files.keys() ?? [])]
  assert.deepEqual(paths.sort(), [".gitattributes", "README.md", shown, "pytorch_lora_weights.safetensors"])
  const pulled = await pullModel(connect(), "anna/lora")
  assert.deepEqual([pulled.kind, ...pulled.files], ["files", "README.md", "pytorch_lora_weights.safetensors"])
})

test("a card that the Hub would not understand, and a folder without a model, are refused before anything is made", async () => {
  const folder = newFolder()
  writeFiles(folder, needed)
  await assert.rejects(pushModel(connect(), "anna/none", { folder, card: "# Hello" }), /license is missing/)
  const empty = newFolder()
  await assert.rejects(
    pushModel(connect(), "anna/none", { folder: empty, card: card("a/b", "full") }),
    /no finished model/,
  )
  assert.equal(standIn.repository("model", "anna/none"), undefined)
})

test("a picture that the card shows must go with it or be there, and one of somebody's own stays", async () => {
  const folder = newFolder()
  writeFiles(folder, { "pytorch_lora_weights.safetensors": randomBytes(50), "a.png": randomBytes(9) })
  const text = `${card("anna/pictures", "lora")}\n![How it was made](./images/own.png) ![](https://example.org/x.png)\n`
  const pictures = [{ path: shown, file: join(folder, "a.png") }]
  const push = () => pushModel(connect(), "anna/pictures", { folder, card: text, pictures })
  await assert.rejects(push(), /shows images\/own\.png, which is neither among the files .* nor in the repository/)
  assert.equal(standIn.repository("model", "anna/pictures"), undefined)
  await publish("anna/pictures", { "images/own.png": randomBytes(9) })
  await push()
  const paths = standIn.repository("model", "anna/pictures")?.head("main")?.files
  assert.ok(paths?.has("images/own.png") && paths.has(shown))
})

describe("of a repository with everything in it", () => {
  const half = (path: string) => path.replace(".safetensors", ".fp16.safetensors")
  const others: Files = {
    "unet/diffusion_pytorch_model.bin": randomBytes(10),
    "unet/diffusion_pytorch_model.fp16.safetensors": randomBytes(20_000),
    "text_encoder/model.fp16.safetensors": randomBytes(5_000),
    "safety_checker/model.safetensors": randomBytes(10),
    "v1-5-pruned.ckpt": randomBytes(10),
    "v1-5-pruned.safetensors": randomBytes(10),
    "pipeline.py": Buffer.from("import os"),
  }
  before(() => publish("anna/everything", { ...needed, ...others, "README.md": Buffer.from("# Hello\n") }))

  test("one copy of the weights is fetched, no pickle, no program, no safety checker", async () => {
    const { files } = await pullModel(connect(), "anna/everything")
    assert.deepEqual(files, [...Object.keys(needed), "README.md"].sort())
  })

  test("the half-precision copy is fetched where there is one", async () => {
    const { files } = await pullModel(connect(), "anna/everything", { variant: "fp16" })
    assert.ok(files.includes(half("unet/diffusion_pytorch_model.safetensors")))
    assert.ok(files.includes("vae/diffusion_pytorch_model.safetensors"))
    assert.ok(!files.includes("unet/diffusion_pytorch_model.safetensors"))
  })

  test("a revision is pinned by its commit, and stays what it was", async () => {
    const first = await pullModel(connect(), "anna/everything")
    await publish("anna/everything", { "unet/config.json": Buffer.from('{"new": 1}') })
    const pinned = await pullModel(connect(join(scratch, "second")), "anna/everything", { revision: first.commit })
    assert.equal(readFileSync(join(pinned.folder, "unet/config.json"), "utf8"), "{}")
    const newest = await pullModel(connect(), "anna/everything")
    assert.notEqual(newest.commit, first.commit)
    await assert.rejects(pullModel(connect(), "anna/everything", { revision: "nothing" }), /no such revision/)
  })

  test("without a network what was fetched before serves, and what was not is said to be out of reach", async () => {
    const { cardData: _card, ...online } = await pullModel(connect(), "anna/everything")
    const nowhere = { ...connect(), endpoint: "http://127.0.0.1:9", retry: { ...connect().retry, attempts: 1 } }
    const offline = await pullModel(nowhere, "anna/everything")
    assert.deepEqual({ ...offline, offline: false }, online)
    assert.equal(offline.offline, true)
    await assert.rejects(pullModel(nowhere, "anna/never-seen"), { code: "network" })
  })
})

test("a model without a configuration or a vocabulary is not taken for whole", async () => {
  const lacking: readonly (readonly [path: string, message: RegExp])[] = [
    ["unet/config.json", /^anna\/lacking-0 is not whole: it has no unet\/config\.json of the usual size; take another/],
    ["scheduler/scheduler_config.json", /it has no scheduler\/scheduler_config\.json of/],
    ["tokenizer/merges.txt", /no tokenizer\/tokenizer\.json or tokenizer\/vocab\.json with tokenizer\/merges\.txt of/],
  ]
  for (const [i, [path, message]] of lacking.entries()) {
    await publish(`anna/lacking-${i}`, Object.fromEntries(Object.entries(needed).filter(([name]) => name !== path)))
    await assert.rejects(pullModel(connect(), `anna/lacking-${i}`), { code: "badData", message })
  }
})

test("weights that exist only as pickles are refused with a sentence", async () => {
  const { "unet/diffusion_pytorch_model.safetensors": _weights, ...rest } = needed
  await publish("anna/pickles", { ...rest, "unet/diffusion_pytorch_model.bin": randomBytes(10) })
  await assert.rejects(pullModel(connect(), "anna/pickles"), /only as unet\/diffusion_pytorch_model.bin, a pickle/)
})

const download = `
from huggingface_hub import snapshot_download
print(snapshot_download("anna/shared"))
`
const skip = pythonHas("huggingface_hub") ? false : "python3 has no huggingface_hub on this machine"

test("what Python has downloaded is not downloaded again, nor the other way round", { skip }, async () => {
  await publish("anna/shared", needed)
  const home = newFolder()
  const folder = (await runPython(standIn, download, [], home, process.env)).trim()
  let seen = standIn.seen.length
  const pulled = await pullModel(connect(join(home, "hub")), "anna/shared")
  assert.equal(pulled.folder, folder)
  assert.ok(standIn.seen.slice(seen).every(({ path }) => !path.includes("/resolve/")))
  assert.ok(readdirSync(join(home, "hub/models--anna--shared/snapshots")).length === 1)

  const other = newFolder()
  await pullModel(connect(join(other, "hub")), "anna/shared")
  seen = standIn.seen.length
  await runPython(standIn, download, [], other, process.env)
  const fetched = standIn.seen.slice(seen).filter(({ method, path }) => method === "GET" && path.includes("/resolve/"))
  assert.deepEqual(
    fetched.map(({ path }) => path.split("/").at(-1)),
    [".gitattributes"],
  )
  assert.ok(existsSync(join(other, "hub")))
  writeFileSync(join(other, "done"), "")
})

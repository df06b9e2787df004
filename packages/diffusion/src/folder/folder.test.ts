import assert from "node:assert/strict"
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, it } from "node:test"
import { openSafetensors, readFloat32 } from "@fjord/engine"
import { openModelFolder } from "./modelFolder.ts"
import { modelHash } from "./modelHash.ts"
import { tinyWeights, vaeAttention, writeTinyFolder, writeTinyTensors } from "./tinyFolder.fixture.ts"
import { checkWeights } from "./weightCatalogue.ts"
import { writePipeline } from "./writePipeline.ts"

const unetFile = "unet/diffusion_pytorch_model.safetensors"

describe("a diffusers folder", () => {
  let root = ""
  let folder = ""
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "fjord-folder-"))
    folder = join(root, "model")
    await writeTinyFolder(folder)
  })
  afterEach(() => rm(root, { recursive: true, force: true }))

  it("has modern names and shapes whatever its age", async () => {
    const { vae, textEncoder, unet, extras } = await openModelFolder(folder)
    assert.deepEqual(
      [...vae.weights.keys()],
      [`${vaeAttention}.to_q.weight`, `${vaeAttention}.to_out.0.bias`, "quant_conv.weight"],
    )
    assert.deepEqual(vae.weights.get(`${vaeAttention}.to_q.weight`)?.shape, [2, 2])
    assert.deepEqual(vae.weights.get("quant_conv.weight")?.shape, [2, 2, 1, 1])
    assert.deepEqual(
      [...textEncoder.weights.keys()],
      ["text_model.embeddings.token_embedding.weight", "text_model.final_layer_norm.bias"],
    )
    assert.deepEqual(unet.config, { name: "unet" })
    assert.deepEqual(extras, ["feature_extractor", "safety_checker"])
  })

  it("reads sharded weights", async () => {
    const { "conv_in.weight": first, ...rest } = tinyWeights.unet
    await rm(join(folder, unetFile))
    const [a, b] = [
      "diffusion_pytorch_model-00001-of-00002.safetensors",
      "diffusion_pytorch_model-00002-of-00002.safetensors",
    ]
    await writeTinyTensors(join(folder, "unet", a), { "conv_in.weight": first })
    await writeTinyTensors(join(folder, "unet", b), rest)
    const weight_map = { "conv_in.weight": a, "conv_in.bias": b, "time_embedding.linear_1.weight": b }
    await writeFile(join(folder, `${unetFile}.index.json`), JSON.stringify({ metadata: {}, weight_map }))
    const { unet } = await openModelFolder(folder)
    assert.equal(unet.weights.size, 3)
    await writeFile(
      join(folder, `${unetFile}.index.json`),
      JSON.stringify({ weight_map: { x: "../vae/a.safetensors" } }),
    )
    await assert.rejects(openModelFolder(folder), /names the shard "\.\.\/vae\/a\.safetensors"; wanted plain names/)
  })

  it("takes fp16 files where asked or where there are no others", async () => {
    await cp(join(folder, unetFile), join(folder, "unet/diffusion_pytorch_model.fp16.safetensors"))
    assert.equal((await openModelFolder(folder)).unet.weightFiles.variant, null)
    const { unet, vae } = await openModelFolder(folder, { variant: "fp16" })
    assert.deepEqual([unet.weightFiles.variant, vae.weightFiles.variant], ["fp16", null])
    await rm(join(folder, unetFile))
    assert.equal((await openModelFolder(folder)).unet.weightFiles.variant, "fp16")
    await rename(join(folder, "unet/diffusion_pytorch_model.fp16.safetensors"), join(folder, unetFile))
    await assert.rejects(openModelFolder(folder, { variant: "fp16" }), /No component .* has fp16 weights/)
  })

  it("follows the links of the Hub's cache to the real file", async () => {
    await mkdir(join(root, "blobs"))
    await rename(join(folder, unetFile), join(root, "blobs", "abc"))
    await symlink(join("..", "..", "blobs", "abc"), join(folder, unetFile))
    const { unet } = await openModelFolder(folder)
    assert.ok(unet.weights.get("conv_in.bias")?.file.path.endsWith(join("blobs", "abc")))
  })

  it("is refused with the way out when weights are pickles", async () => {
    await rename(join(folder, unetFile), join(folder, "unet", "diffusion_pytorch_model.bin"))
    await assert.rejects(openModelFolder(folder), /unet .*diffusion_pytorch_model\.bin.*convert it to safetensors/)
  })

  it("says what is missing and what was looked for", async () => {
    await assert.rejects(openModelFolder(join(root, "nowhere")), /There is no model folder/)
    await rm(join(folder, "text_encoder", "model.safetensors"))
    await assert.rejects(
      openModelFolder(folder),
      /text_encoder has no weights.*model\.safetensors, model\.safetensors\.index\.json/,
    )
    await rm(join(folder, "unet", "config.json"))
    await assert.rejects(openModelFolder(folder), /configuration of unet .*unet.config\.json/)
    await rm(join(folder, "vae"), { recursive: true })
    await assert.rejects(
      openModelFolder(folder),
      /lacks vae; looked for the directories unet, vae, text_encoder, tokenizer, scheduler/,
    )
  })

  it("is checked against the names and shapes a model wants", async () => {
    const { unet } = await openModelFolder(folder)
    const wanted = new Map<string, readonly number[]>(Object.entries(tinyWeights.unet))
    checkWeights(wanted, unet.weights, "unet")
    wanted.set("conv_out.bias", [1]).set("conv_in.bias", [7]).delete("conv_in.weight")
    assert.throws(
      () => checkWeights(wanted, unet.weights, "unet"),
      /1 missing \(conv_out\.bias\); 1 unexpected \(conv_in\.weight\); 1 of another shape \(conv_in\.bias is \[2\] instead of \[7\]\)/,
    )
  })

  it("has a hash that does not depend on where it lies but on every weight and setting", async () => {
    const cacheFile = join(root, "hashes.json")
    const first = await modelHash(await openModelFolder(folder), { cacheFile })
    assert.match(first, /^[0-9a-f]{64}$/)
    await cp(folder, join(root, "copy"), { recursive: true })
    assert.equal(await modelHash(await openModelFolder(join(root, "copy")), { cacheFile }), first)
    await writeTinyTensors(join(root, "copy", unetFile), { ...tinyWeights.unet, "conv_in.bias": [3] })
    assert.notEqual(await modelHash(await openModelFolder(join(root, "copy")), { cacheFile }), first)
    await writeFile(join(folder, "scheduler/scheduler_config.json"), "{}")
    assert.notEqual(await modelHash(await openModelFolder(folder), { cacheFile }), first)
  })

  const trained = new Map([
    ["time_embedding.linear_1.weight", new Float32Array(6).fill(3)],
    ["conv_in.weight", new Float32Array(72).fill(1)],
    ["conv_in.bias", new Float32Array(2).fill(2)],
  ])

  it("comes out complete with trained weights, modern names and the tutorial's scheduler", async () => {
    const base = await openModelFolder(folder)
    const textEncoder = new Map([
      ["text_model.embeddings.token_embedding.weight", new Float32Array(10).fill(4)],
      ["text_model.final_layer_norm.bias", new Float32Array(2).fill(5)],
    ])
    const { directory, notes } = await writePipeline(join(root, "out"), {
      base,
      unet: trained,
      textEncoder,
      scheduler: "pndm",
    })
    const written = await openModelFolder(directory)
    const bias = await openSafetensors(join(directory, unetFile))
    assert.deepEqual(await readFloat32(bias, "conv_in.bias"), Float32Array.of(2, 2))
    const text = await openSafetensors(join(directory, "text_encoder/model.safetensors"))
    assert.ok(text.tensors.has("text_model.final_layer_norm.bias"))
    const { _class_name, skip_prk_steps, steps_offset, beta_end } = written.schedulerConfig
    assert.deepEqual([_class_name, skip_prk_steps, steps_offset, beta_end], ["PNDMScheduler", true, 1, 0.02])
    assert.deepEqual(written.modelIndex.scheduler, ["diffusers", "PNDMScheduler"])
    assert.deepEqual(written.modelIndex.safety_checker, [null, null])
    assert.match(notes.join(), /^safety_checker was left out .* pickles/)
    assert.deepEqual((await readdir(directory)).sort(), [
      "feature_extractor",
      "model_index.json",
      "scheduler",
      "text_encoder",
      "tokenizer",
      "unet",
      "vae",
    ])
    const vae = "vae/diffusion_pytorch_model.safetensors"
    assert.deepEqual(await readFile(join(directory, vae)), await readFile(join(folder, vae)))
    assert.deepEqual((await readdir(root)).sort(), ["model", "out"])
  })

  it("takes over the settings that suit its base", async () => {
    const settings = '{ "generation": { "guidanceScale": 4 } }'
    await writeFile(join(folder, "fjord.json"), settings)
    const { directory } = await writePipeline(join(root, "out"), { base: await openModelFolder(folder), unet: trained })
    assert.equal(await readFile(join(directory, "fjord.json"), "utf8"), settings)
  })

  it("comes out with the same bytes each time, over an earlier result", async () => {
    const base = await openModelFolder(folder)
    const first = await writePipeline(join(root, "out"), { base, unet: trained })
    const bytes = await readFile(join(first.directory, unetFile))
    const hash = await modelHash(await openModelFolder(first.directory))
    await writePipeline(join(root, "out"), { base, unet: new Map([...trained].reverse()) })
    assert.deepEqual(await readFile(join(root, "out", unetFile)), bytes)
    assert.equal(await modelHash(await openModelFolder(join(root, "out"))), hash)
    assert.deepEqual((await openModelFolder(first.directory)).schedulerConfig, base.schedulerConfig)
  })

  it("leaves nothing behind when trained weights do not fit, nor overwrites its base", async () => {
    const base = await openModelFolder(folder)
    const wrong = new Map(trained).set("conv_in.bias", new Float32Array(3))
    await assert.rejects(
      writePipeline(join(root, "out"), { base, unet: wrong }),
      /unet\.conv_in\.bias has 3 numbers; wanted 2/,
    )
    await assert.rejects(writePipeline(join(root, "out"), { base, unet: new Map() }), /3 missing/)
    await assert.rejects(writePipeline(folder, { base }), /base model lies there/)
    assert.deepEqual(await readdir(root), ["model"])
  })
})

import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { after, before, describe, it } from "node:test"
import { decodeImage } from "../packages/diffusion/src/index.ts"
import { writeSafetensors } from "../packages/engine/src/index.ts"
import { type Event, type StudioAtHub, startStudioAtHub } from "./hub/studio.ts"

type Source = { readonly baseModelId: string } | { readonly modelId: string }

const argumentTypes: Readonly<Record<string, string>> = { name: "String", adapterConfig: "JSON" }

describe("files of models, through GraphQL and the addresses of files", () => {
  let studio: StudioAtHub
  let baseModelId: string
  let lora: string

  const exporting = (form: string, source: Source, more: object = {}) => {
    const variables = { teamId: studio.teamId, form, ...source, ...more }
    const kinds: Record<string, string> = { teamId: "ID!", form: "ExportForm!", width: "Int", height: "Int" }
    const types = Object.keys(variables).map((name) => `$${name}: ${kinds[name] ?? "ID"}`)
    return studio.mutate("exportModel", types.join(", "), variables)
  }

  /** The files that a transfer has left. */
  async function filesOf(runId: string): Promise<{ path: string; byteSize: number; url: string }[]> {
    const { transfer } = await studio.query(
      "query ($id: ID!) { transfer(id: $id) { files { path byteSize url } downloadUrl } }",
      { id: runId },
    )
    return transfer.files
  }

  /** Exports one file. @returns its bytes and what was told meanwhile */
  async function exported(
    form: string,
    source: Source,
  ): Promise<{ bytes: Uint8Array<ArrayBuffer>; events: readonly Event[] }> {
    const { id } = await exporting(form, source)
    const events = await studio.succeeds(id)
    const [file, ...more] = await filesOf(id)
    assert.ok(file !== undefined && more.length === 0)
    const bytes = new Uint8Array(await studio.download(file.url))
    assert.equal(bytes.length, file.byteSize)
    return { bytes, events }
  }

  async function send(name: string, bytes: Uint8Array<ArrayBuffer>) {
    const file = { name, byteSize: bytes.length }
    const variables = { teamId: studio.teamId, file }
    const { uploadId, url } = await studio.mutate(
      "requestModelUpload",
      "$teamId: ID!, $file: UploadFileInput!",
      variables,
      "{ uploadId url }",
    )
    const response = await fetch(new URL(url, studio.url), { method: "PUT", body: bytes })
    return { uploadId: uploadId as string, status: response.status, answer: await response.json() }
  }

  const importing = (uploadId: string, more: object = {}) => {
    const types = ["uploadId: ID!", ...Object.keys(more).map((name) => `${name}: ${argumentTypes[name] ?? "ID"}`)]
    return studio.mutate(
      "importFile",
      types.map((type) => `$${type}`).join(", "),
      { uploadId, ...more },
      "{ id targetId }",
    )
  }

  /** @returns the id of the model that it became */
  async function imported(name: string, bytes: Uint8Array<ArrayBuffer>, more: object = {}): Promise<string> {
    const { uploadId, status, answer } = await send(name, bytes)
    assert.equal(status, 200, JSON.stringify(answer))
    const { id, targetId } = await importing(uploadId, more)
    await studio.succeeds(id)
    return targetId
  }

  /** One picture of 64 pixels. */
  async function drawn(input: object): Promise<Buffer> {
    const options = { prompt: "a sks robot", steps: 2, width: 64, height: 64 }
    const { id } = await studio.mutate("generateImages", "$input: GenerateImagesInput!", {
      input: { teamId: studio.teamId, options, ...input },
    })
    return studio.drawn(id)
  }
  const pixelsOf = async (png: Buffer) => Buffer.from((await decodeImage(png)).rgb)

  before(async () => {
    studio = await startStudioAtHub()
    baseModelId = await studio.addBase("FOLDER", studio.model)
    const options = { method: "lora", maxTrainSteps: 2, learningRate: 0.05, validationPrompts: [] }
    const id = await studio.startTraining(baseModelId, options)
    await studio.succeeds(id)
    const { trainingRun } = await studio.query("query ($id: ID!) { trainingRun(id: $id) { models { id } } }", { id })
    lora = trainingRun.models[0].id
  })
  after(() => studio?.stop())

  it("a model exported to a single file and imported again draws the same, and is a base model", async () => {
    const { bytes, events } = await exported("SINGLE_FILE", { baseModelId })
    const told = events.filter(({ type }) => type === "Transferred").map(({ data }) => data)
    assert.ok(told.length > 0 && told.at(-1)?.bytes === told.at(-1)?.totalBytes, "progress is told to its end")
    const modelId = await imported("Robot v1.safetensors", bytes, { baseModelId, name: "Robot again" })
    const { model, baseModels } = await studio.query(
      `query ($id: ID!, $teamId: ID!) { model(id: $id) { name kind run { id } files { path } }
        baseModels(teamId: $teamId, search: "Robot again") { edges { node { id source location ready } } } }`,
      { id: modelId, teamId: studio.teamId },
    )
    assert.deepEqual([model.name, model.kind, model.run], ["Robot again", "FULL", null])
    const [{ node: base }] = baseModels.edges
    assert.deepEqual([base.source, base.location, base.ready], ["MODEL", modelId, true])
    const [one, other] = [await drawn({ baseModelId }), await drawn({ modelId })]
    assert.deepEqual(await pixelsOf(other), await pixelsOf(one))
  })

  it("a LoRA goes out in kohya's form and comes in again with the same effect, and merged it draws nearly the same", async () => {
    const { bytes } = await exported("KOHYA", { modelId: lora })
    const again = await imported("robot.safetensors", bytes, { baseModelId })
    const plain = await pixelsOf(await drawn({ baseModelId }))
    const expected = await pixelsOf(await drawn({ modelId: lora }))
    assert.notDeepEqual(expected, plain)
    const distance = (a: Buffer, b: Buffer) => Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? 0))))
    assert.ok(distance(await pixelsOf(await drawn({ modelId: again })), expected) <= 1)
    const laid = await drawn({ baseModelId, loras: [{ modelId: again }] })
    assert.ok(distance(await pixelsOf(laid), expected) <= 1)

    const variables = { teamId: studio.teamId, name: "Merged", baseModelId, loras: [{ modelId: lora, weight: 1 }] }
    const types = "$teamId: ID!, $name: String!, $baseModelId: ID, $loras: [LoraInput!]!"
    const { id, targetId } = await studio.mutate("mergeLoras", types, variables, "{ id targetId }")
    await studio.succeeds(id)
    assert.ok(distance(await pixelsOf(await drawn({ modelId: targetId })), expected) <= 1)
    await assert.rejects(exporting("ONNX", { modelId: lora }), /A LoRA is exported as kohya, peft, diffusers/)
  })

  it("a LoRA goes out in PEFT's form and comes in again by its file and its configuration, with the same effect", async () => {
    const { id } = await exporting("PEFT", { modelId: lora })
    await studio.succeeds(id)
    const files = await filesOf(id)
    const bytesOf = async (name: string) => {
      const file = files.find(({ path }) => path.endsWith(`unet/${name}`))
      return studio.download(file?.url ?? assert.fail(files.map(({ path }) => path).join(", ")))
    }
    const bytes = new Uint8Array(await bytesOf("adapter_model.safetensors"))
    const adapterConfig = JSON.parse((await bytesOf("adapter_config.json")).toString())
    const expected = await pixelsOf(await drawn({ modelId: lora }))
    const half = await pixelsOf(await drawn({ baseModelId, loras: [{ modelId: lora, weight: 0.5 }] }))
    const near = (a: Buffer, b: Buffer) => a.every((value, i) => Math.abs(value - (b[i] ?? 0)) <= 1)
    assert.ok(!near(half, expected))
    const pixels = async (more: object) =>
      pixelsOf(await drawn({ modelId: await imported("adapter_model.safetensors", bytes, { baseModelId, ...more }) }))
    assert.ok(near(await pixels({ adapterConfig }), expected))
    // The file does not say its alpha: a person's own, half of the rank, is in the configuration alone.
    assert.ok(near(await pixels({ adapterConfig: { ...adapterConfig, lora_alpha: adapterConfig.r / 2 } }), half))
    await assert.rejects(pixels({ adapterConfig: [1] }), /An adapter_config\.json is a JSON object/)
  })

  it("forms of many files are downloaded as one ZIP file", async () => {
    for (const [form, wanted] of [
      ["FP16", "unet/diffusion_pytorch_model.safetensors"],
      ["ONNX", "unet/model.onnx"],
    ] as const) {
      const { id } = await exporting(form, { baseModelId })
      await studio.succeeds(id)
      const paths = (await filesOf(id)).map(({ path }) => path)
      assert.ok(
        paths.some((path) => path.endsWith(wanted)),
        paths.join(", "),
      )
      assert.equal((await studio.download(`/runs/${id}/files.zip`)).readUInt32LE(), 0x04034b50)
      assert.equal((await fetch(new URL(`/runs/${id}/files.zip`, studio.url))).status, 404)
    }
  })

  it("a model of random weights has the bytes of its seed, and is a base model", async () => {
    const variables = { teamId: studio.teamId, name: "Noise", shape: "tiny", seed: 1 }
    const types = "$teamId: ID!, $name: String!, $shape: ModelShape!, $seed: Float!"
    const { id, targetId } = await studio.mutate("createRandomModel", types, variables, "{ id targetId }")
    await studio.succeeds(id)
    const { model, baseModels } = await studio.query(
      `query ($id: ID!, $teamId: ID!) { model(id: $id) { kind files { path hash } }
        baseModels(teamId: $teamId, search: "Noise") { edges { node { location ready } } } }`,
      { id: targetId, teamId: studio.teamId },
    )
    assert.equal(model.kind, "FULL")
    assert.deepEqual(baseModels.edges, [{ node: { location: targetId, ready: true } }])
    const path = "unet/diffusion_pytorch_model.safetensors"
    const { hash } = model.files.find((file: { path: string }) => file.path === path)
    assert.equal(
      hash,
      createHash("sha256")
        .update(readFileSync(join(studio.model, path)))
        .digest("hex"),
    )
  })

  it("a generation keeps the final latents of its images where that is asked for", async () => {
    const options = { prompt: "a robot", steps: 1, width: 64, height: 64, numImages: 2 }
    const input = { teamId: studio.teamId, baseModelId, options, saveLatents: true }
    const { id } = await studio.mutate("generateImages", "$input: GenerateImagesInput!", { input })
    await studio.succeeds(id)
    const query = "query ($id: ID!) { generation(id: $id) { images { id } files { path url } } }"
    const { generation } = await studio.query(query, { id })
    assert.equal(generation.images.length, 2)
    const [{ path, url }] = generation.files
    assert.equal(path, "latents.safetensors")
    const bytes = await studio.download(url)
    const header = JSON.parse(bytes.toString("utf8", 8, 8 + Number(bytes.readBigUInt64LE())))
    assert.deepEqual([header.latents.dtype, header.latents.shape], ["F32", [2, 4, 32, 32]])
  })

  it("an embedding adds its word to a model", async () => {
    const file = join(studio.data, "embedding.safetensors")
    const config = JSON.parse(readFileSync(join(studio.model, "text_encoder", "config.json"), "utf8"))
    const data = Float32Array.from({ length: config.hidden_size }, (_, i) => Math.sin(i) * 3)
    await writeSafetensors(file, [{ name: "emb_params", dataType: "F32", shape: [1, data.length], data }])
    const modelId = await imported("fjordy.safetensors", new Uint8Array(readFileSync(file)))
    const { model } = await studio.query("query ($id: ID!) { model(id: $id) { kind instancePrompt } }", { id: modelId })
    assert.deepEqual(model, { kind: "EMBEDDING", instancePrompt: "fjordy" })
    const options = { prompt: "a fjordy robot", steps: 2, width: 64, height: 64 }
    const [without, withWord] = [
      await drawn({ baseModelId, options }),
      await drawn({ baseModelId, options, embeddings: [{ modelId }] }),
    ]
    assert.notDeepEqual(await pixelsOf(withWord), await pixelsOf(without))
    await assert.rejects(drawn({ modelId }), /An embedding adds a word/)
  })

  it("pickles, damaged files and parts of a model are refused with the sentences of the command line", async () => {
    await assert.rejects(
      send("model.ckpt", new Uint8Array(100)),
      /model\.ckpt is a pickle, which is never read because opening it can run code/,
    )
    const hidden = await send("model.safetensors", new Uint8Array(Buffer.from("PK\u0003\u0004 archive/data.pkl")))
    assert.equal(hidden.status, 400)
    assert.match(hidden.answer.problem, /^model\.safetensors is a pickle, which is never read/)
    const damaged = await send("model.safetensors", new Uint8Array(100).fill(255))
    assert.match(damaged.answer.problem, /^model\.safetensors is not a valid safetensors file: its header of \d+ bytes/)
    const unet = readFileSync(join(studio.model, "unet", "diffusion_pytorch_model.safetensors"))
    const part = await send("unet.safetensors", new Uint8Array(unet))
    assert.match(part.answer.problem, /^unet\.safetensors is one component of a diffusers folder/)
    await assert.rejects(importing(part.uploadId), /No model file has arrived/)
    const { bytes } = await exported("SINGLE_FILE", { baseModelId })
    const { uploadId } = await send("whole.safetensors", bytes)
    await assert.rejects(importing(uploadId), /whole\.safetensors holds no tokenizer, as no single file does/)
    const cut = await send("cut.safetensors", bytes.slice(0, bytes.length - 100))
    assert.match(cut.answer.problem, /^cut\.safetensors is not a valid safetensors file/)
  })

  it("what the door cannot see fails the import, by the file's own name, and leaves no model", async () => {
    const file = join(studio.data, "odd.safetensors")
    const tensor = { dataType: "F32" as const, shape: [8, 8], data: new Float32Array(64) }
    const keys = ["lora_unet_nowhere.lora_down.weight", "lora_unet_nowhere.lora_up.weight"]
    await writeSafetensors(
      file,
      keys.map((name) => ({ name, ...tensor })),
    )
    const { uploadId } = await send("odd.safetensors", new Uint8Array(readFileSync(file)))
    const { id, targetId } = await importing(uploadId, { baseModelId })
    const { status, failure } = await studio.follow(id)
    assert.equal(status, "FAILED")
    assert.match((failure as { message: string }).message, /odd\.safetensors/)
    const { model } = await studio.query("query ($id: ID!) { model(id: $id) { id } }", { id: targetId })
    assert.equal(model, null)
  })

  it("pictures make a grid in their order", async () => {
    const { generatedImages } = await studio.query(
      "query ($teamId: ID!) { generatedImages(teamId: $teamId, first: 3) { edges { node { id url } } } }",
      { teamId: studio.teamId },
    )
    const nodes: { id: string; url: string }[] = generatedImages.edges.map(({ node }: { node: object }) => node)
    const pictures = nodes.map(({ id }) => ({ generatedImageId: id }))
    const variables = { teamId: studio.teamId, pictures, columns: 2 }
    const types = "$teamId: ID!, $pictures: [GridPictureInput!]!, $columns: Int"
    const { id } = await studio.mutate("makeGrid", types, variables)
    await studio.succeeds(id)
    const [file] = await filesOf(id)
    assert.equal(file?.path, "grid.png")
    const sheet = await decodeImage(await studio.download(file?.url ?? ""))
    assert.deepEqual([sheet.width, sheet.height], [128, 128])
    const own = await decodeImage(await studio.download(nodes[1]?.url ?? ""))
    const rowBytes = own.width * 3
    const second = Array.from({ length: own.height }, (_, y) =>
      sheet.rgb.slice((2 * y + 1) * rowBytes, (2 * y + 2) * rowBytes),
    )
    assert.deepEqual(Buffer.concat(second), Buffer.from(own.rgb))
  })
})

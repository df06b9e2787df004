import assert from "node:assert/strict"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, test } from "node:test"
import { generationConfig } from "@fjord/contracts"
import {
  compile,
  float16ToFloat32,
  float32ToFloat16,
  Graph,
  openSafetensors,
  readFloat32,
  writeSafetensors,
} from "@fjord/engine"
import { clipTextEncoder } from "./models/clipTextEncoder.ts"
import { newModel } from "./models/newModel.ts"
import { Params } from "./models/params.ts"
import { catalogue, encodePrompts, loadStableDiffusion, type StableDiffusion, untuned } from "./stableDiffusion.ts"
import { loadEmbedding } from "./text/embeddingFile.ts"
import { textToImage } from "./textToImage.ts"
import { withEmbeddings } from "./textualInversion.ts"

const root = await mkdtemp(join(tmpdir(), "fjord-embedding-"))
after(() => rm(root, { recursive: true, force: true }))
const directory = join(root, "model")
await newModel("tiny", directory, 1)
const model = await loadStableDiffusion(directory)
const width = model.textConfig.hidden_size
const machine = { provider: "cpu", threads: 1 } as const

const values = (rows: number, seed: number) => Float32Array.from({ length: rows * width }, (_, i) => Math.sin(seed + i))
async function write(name: string, tensors: Readonly<Record<string, Float32Array>>): Promise<string> {
  const path = join(root, name)
  const list = Object.entries(tensors).map(([key, data]) => {
    return { name: key, dataType: "F32" as const, shape: [data.length / width, width], data }
  })
  await writeSafetensors(path, list)
  return path
}
const diffusers = await write("learned_embeds.safetensors", { "<my-toy>": values(1, 1) })
const a1111 = await write("charturner.safetensors", { emb_params: values(3, 2) })

/** The embedding layer alone: what the first block of the text encoder is given, without positions. */
async function embedded(of: StableDiffusion, prompt: string): Promise<Float32Array> {
  const { ids } = of.tokenizer.tokenize(prompt, { padding: "none" })
  const graph = new Graph()
  const component = { component: "text_encoder" }
  const params = new Params(graph, catalogue(of.folder.textEncoder, "text_encoder", new Map()), component)
  clipTextEncoder(params, graph.input("ids", [1, ids.length], "int64"), of.textConfig)
  const words = graph.tensors.find(({ operator }) => operator === "Gather")
  assert.ok(words)
  const program = await compile({ words }, { ...machine, weights: of.weights })
  const result = await program.run({ ids: BigInt64Array.from(ids, BigInt) })
  await program.release()
  return result.words as Float32Array
}

test("the words of embeddings become exactly the vectors of their files, and other words stay what they were", async () => {
  const { model: more, embeddings } = await withEmbeddings(model, [
    { file: diffusers },
    { file: a1111, token: "<turn>" },
  ])
  assert.deepEqual(
    embeddings.map(({ token }) => token),
    ["<my-toy>", "<turn>"],
  )
  const plain = await embedded(model, "a photo of dog")
  const changed = await embedded(more, "a photo <My-Toy> of <turn> dog")
  const rows = (from: Float32Array, start: number, count: number) => from.slice(start * width, (start + count) * width)
  assert.deepEqual(rows(changed, 0, 3), rows(plain, 0, 3))
  assert.deepEqual(rows(changed, 3, 1), values(1, 1))
  assert.deepEqual(rows(changed, 4, 1), rows(plain, 3, 1))
  assert.deepEqual(rows(changed, 5, 3), values(3, 2))
  assert.deepEqual(rows(changed, 8, 2), rows(plain, 4, 2))
  const ids = (of: StableDiffusion) => of.tokenizer.tokenize("a photo of dog").ids
  const [before] = await encodePrompts(model, [ids(model)], untuned, machine)
  const [after] = await encodePrompts(more, [ids(more)], untuned, machine)
  assert.deepEqual(after, before)
})

test("A1111's form is called by the file's name, and a long word takes its share of a prompt's 77 tokens", async () => {
  const { model: more } = await withEmbeddings(model, [{ file: a1111 }])
  const { ids, truncatedTokens } = more.tokenizer.tokenize(Array(26).fill("CharTurner").join(" "))
  assert.equal(ids.length, 77)
  assert.equal(truncatedTokens, 3)
  assert.equal(ids.filter((id) => id >= model.textConfig.vocab_size).length, 75)
})

test("the other forms that are about are read: one row, 16 bits, A1111's old name, both names of SDXL's vectors", async () => {
  const half = (name: string, shape: readonly number[], seed: number) => {
    const data = float32ToFloat16(values(1, seed))
    return { name, dataType: "F16" as const, shape, data }
  }
  const save = async (name: string, tensors: Parameters<typeof writeSafetensors>[1]) => {
    const path = join(root, name)
    await writeSafetensors(path, tensors)
    return loadEmbedding(path)
  }
  const row = float16ToFloat32(float32ToFloat16(values(1, 3)))
  const flat = await save("flat.safetensors", [half("<one>", [width], 3)])
  assert.deepEqual([flat.token, flat.textEncoder], ["<one>", { count: 1, width, data: row }])
  const old = await save("Old Style.safetensors", [half("*", [1, width], 3)])
  assert.deepEqual([old.token, old.textEncoder?.data], ["Old Style", row])
  for (const [first, second] of [
    ["clip_l", "clip_g"],
    ["text_encoders_0", "text_encoders_1"],
  ] as const) {
    const both = await save(`${first}.safetensors`, [half(second, [1, width], 4), half(first, [1, width], 3)])
    assert.deepEqual([both.token, both.textEncoder?.data], [first, row])
    assert.notDeepEqual(both.textEncoder2?.data, row)
  }
})

test("an image made with an embedding is another one", async () => {
  const latents = async (name: string, embeddings: { file: string }[]) => {
    const saveLatents = join(root, name, "latents.safetensors")
    const options = { model: directory, prompt: "a photo of <my-toy>", steps: 2, threads: 1, embeddings, saveLatents }
    for await (const event of textToImage(generationConfig.parse({ ...options, out: join(root, name) }))) void event
    return readFloat32(await openSafetensors(saveLatents), "latents")
  }
  assert.notDeepEqual(await latents("with", [{ file: diffusers }]), await latents("without", []))
})

test("embeddings of another width, for SDXL, pickled, of words there are and with several tensors are refused", async () => {
  const refused = async (file: string, message: RegExp, token?: string) =>
    assert.rejects(withEmbeddings(model, [{ file, ...(token && { token }) }]), message)
  const wide = join(root, "wide.safetensors")
  await writeSafetensors(wide, [{ name: "<x>", dataType: "F32", shape: [1, 768], data: new Float32Array(768) }])
  await refused(wide, /is for text encoders of 768 numbers, but this model's have 32/)
  await refused(
    await write("xl.safetensors", { clip_l: values(1, 1), clip_g: values(1, 2) }),
    /encoders of 32 and 32 numbers/,
  )
  await refused("style.pt", /is a pickle, which is never read/)
  await refused(diffusers, /"dog" is in the vocabulary already; choose another, such as <dog>/, "dog")
  await refused(diffusers, /it must be one word/, "two words")
  await refused(
    await write("two.safetensors", { a: values(1, 1), b: values(1, 2) }),
    /has 2 tensors and none is called/,
  )
  await refused(await write("nan.safetensors", { a: new Float32Array(width).fill(Number.NaN) }), /NaN or infinite/)
  await refused(await write("long.safetensors", { a: values(76, 1) }), /at most 75 vectors/)
})

import assert from "node:assert/strict"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, test } from "node:test"
import { exportOnnx } from "../packages/diffusion/src/formats/exportOnnx.ts"
import { writeTinyFamily } from "../packages/diffusion/src/formats/tinyFamilies.fixture.ts"
import { pooledIndex } from "../packages/diffusion/src/models/clipTextEncoder.ts"
import { newModel } from "../packages/diffusion/src/models/newModel.ts"
import {
  loadStableDiffusion,
  textEncoderProgram,
  unetProgram,
  untuned,
  vaeDecoderProgram,
  vaeEncoderProgram,
} from "../packages/diffusion/src/stableDiffusion.ts"
import { Graph, type Shape } from "../packages/engine/src/graph/graph.ts"
import { createSession, type Values } from "../packages/engine/src/runtime/session.ts"

const root = await mkdtemp(join(tmpdir(), "fjord-onnx-"))
after(() => rm(root, { recursive: true, force: true }))

const machine = { provider: "cpu", threads: 1 } as const
const numbers = (count: number, seed: number) => Float32Array.from({ length: count }, (_, i) => Math.sin(seed + i))

/** Runs a model.onnx from its folder, as any program with ONNX Runtime does. */
async function run(
  folder: string,
  feeds: Readonly<Record<string, readonly [Values, Shape]>>,
  outputs: readonly string[],
): Promise<Record<string, Float32Array>> {
  const graph = new Graph()
  const model = {
    bytes: await readFile(join(folder, "model.onnx")),
    inputs: Object.entries(feeds).map(([name, [, shape]]) => ({ name, tensor: graph.input(name, shape) })),
    outputs: outputs.map((name) => ({ name, tensor: graph.input(`output ${name}`, []) })),
  }
  const session = await createSession(model, { ...machine, externalFolder: folder })
  try {
    const results = await session.run(new Map(Object.entries(feeds).map(([name, [values]]) => [name, values])))
    return Object.fromEntries([...results].map(([name, values]) => [name, values as Float32Array]))
  } finally {
    await session.release()
  }
}

function assertClose(actual: Float32Array | undefined, expected: Values, what: string) {
  const wanted = expected as Float32Array
  assert.equal(actual?.length, wanted.length, what)
  const scale = Math.max(...wanted.map(Math.abs))
  const distance = Math.max(...wanted.map((value, i) => Math.abs(value - (actual?.[i] ?? Number.NaN))))
  assert.ok(distance <= 1e-5 * scale, `${what} differs by ${distance}, its largest number is ${scale}`)
}

test("an exported model gives in ONNX Runtime what it gives in Fjord, under Optimum's names", async () => {
  const directory = join(root, "model")
  const out = join(root, "onnx")
  await newModel("tiny", directory, 1)
  await exportOnnx(directory, out, { width: 32, height: 16 })
  const model = await loadStableDiffusion(directory)
  const index = JSON.parse(await readFile(join(out, "model_index.json"), "utf8"))
  assert.equal(index._class_name, "ORTStableDiffusionPipeline")
  assert.deepEqual(index.vae_decoder, ["diffusers", "OnnxRuntimeModel"])

  const { ids } = model.tokenizer.tokenize("a photo of sks dog")
  const text = await textEncoderProgram(model, 77, untuned, machine)
  const { states } = await text.run({ ids: BigInt64Array.from(ids, BigInt) })
  await text.release()
  const encoded = await run(join(out, "text_encoder"), { input_ids: [Int32Array.from(ids), [1, 77]] }, [
    "last_hidden_state",
    "pooler_output",
  ])
  assertClose(encoded.last_hidden_state, states, "last_hidden_state")
  const row = pooledIndex(ids, model.textConfig)
  const width = model.textConfig.hidden_size
  assertClose(encoded.pooler_output, states.slice(row * width, (row + 1) * width), "pooler_output")

  const [height, wide, batch] = [8, 16, 2]
  const sample = numbers(batch * 4 * height * wide, 1)
  const context = numbers(batch * 77 * width, 2)
  const unet = await unetProgram(model, { batch, height, width: wide, tokens: 77 }, untuned, machine)
  const { prediction } = await unet.run({ sample, timesteps: Float32Array.of(321, 321), context })
  await unet.release()
  const predicted = await run(
    join(out, "unet"),
    {
      sample: [sample, [batch, 4, height, wide]],
      timestep: [Float32Array.of(321), [1]],
      encoder_hidden_states: [context, [batch, 77, width]],
    },
    ["out_sample"],
  )
  assertClose(predicted.out_sample, prediction, "out_sample")

  const latents = sample.slice(0, 4 * height * wide)
  const decoder = await vaeDecoderProgram(model, height, wide, machine)
  const { image } = await decoder.run({ latents })
  await decoder.release()
  const decoded = await run(join(out, "vae_decoder"), { latent_sample: [latents, [1, 4, height, wide]] }, ["sample"])
  assertClose(decoded.sample, image, "sample")

  const pixels = numbers(3 * 16 * 32, 3)
  const encoder = await vaeEncoderProgram(model, 16, 32, machine)
  const { mean } = await encoder.run({ image: pixels })
  await encoder.release()
  const moments = await run(join(out, "vae_encoder"), { sample: [pixels, [1, 3, 16, 32]] }, ["latent_parameters"])
  assertClose(moments.latent_parameters?.slice(0, mean.length), mean, "latent_parameters")
})

test("SDXL's two text encoders give inner states and the pooled projection, its UNet takes what is added", async () => {
  const directory = join(root, "xl")
  const out = join(root, "xl-onnx")
  await writeTinyFamily("sdxl", directory, { half: true })
  await exportOnnx(directory, out, { width: 16, height: 16, batch: 1 })
  const ids = Int32Array.from({ length: 77 }, (_, i) => (i < 5 ? i + 1 : 538))
  const { text_embeds: pooled, "hidden_states.2": inner } = await run(
    join(out, "text_encoder_2"),
    { input_ids: [ids, [1, 77]] },
    ["text_embeds", "hidden_states.2"],
  )
  assert.equal(pooled?.length, 32)
  assert.equal(inner?.length, 77 * 32)
  const { out_sample: prediction } = await run(
    join(out, "unet"),
    {
      sample: [numbers(4 * 64, 1), [1, 4, 8, 8]],
      timestep: [Float32Array.of(5), [1]],
      encoder_hidden_states: [numbers(77 * 64, 2), [1, 77, 64]],
      text_embeds: [pooled ?? new Float32Array(), [1, 32]],
      time_ids: [Float32Array.of(16, 16, 0, 0, 16, 16), [1, 6]],
    },
    ["out_sample"],
  )
  assert.ok(prediction?.every(Number.isFinite))
})

test("a size that the VAE cannot halve is refused, and nothing is overwritten", async () => {
  const directory = join(root, "refused")
  await newModel("tiny", directory, 1)
  await assert.rejects(
    exportOnnx(directory, join(root, "r"), { width: 33 }),
    /width .* must be a multiple of 2, got 33/,
  )
  await assert.rejects(exportOnnx(directory, directory), /exists already/)
})

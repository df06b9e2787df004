import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, test } from "node:test"
import { compile, Graph, type Tensor, type Values } from "@fjord/engine"
import { openModelFolder, type WeightedComponent } from "../folder/modelFolder.ts"
import { loadClipTokenizer } from "../text/clipTokenizer.ts"
import { clipTextConfigSchema, clipTextEncoder } from "./clipTextEncoder.ts"
import { newModel } from "./newModel.ts"
import { newModelConfigs } from "./newModelConfigs.ts"
import { clipTextParameterShapes, unetParameterShapes, vaeParameterShapes } from "./parameterShapes.ts"
import { Params } from "./params.ts"
import { unet } from "./unet.ts"
import { unetConfigSchema } from "./unetConfig.ts"
import { vaeConfigSchema } from "./vae.ts"

const folder = await mkdtemp(join(tmpdir(), "fjord-new-model-"))
after(() => rm(folder, { recursive: true, force: true }))

/** Prompt to prediction, with the model in `directory`. */
async function predict(directory: string, height: number, width: number): Promise<Float32Array> {
  const model = await openModelFolder(directory)
  const { ids } = (await loadClipTokenizer(model.tokenizerDirectory)).tokenize("a photo of sks dog")
  const textGraph = new Graph()
  const textConfig = clipTextConfigSchema.parse(model.textEncoder.config)
  const textIds = textGraph.input("ids", [1, 77], "int64")
  const { lastHiddenState } = clipTextEncoder(new Params(textGraph, model.textEncoder.weights), textIds, textConfig)
  const context = await run(model.textEncoder, lastHiddenState, { ids: BigInt64Array.from(ids, BigInt) })

  const graph = new Graph()
  const inputs = {
    sample: graph.input("sample", [1, 4, height, width]),
    timesteps: graph.input("timesteps", [1]),
    context: graph.input("context", lastHiddenState.shape),
  }
  const config = unetConfigSchema.parse(model.unet.config)
  const prediction = unet(new Params(graph, model.unet.weights), inputs, config)
  const sample = Float32Array.from({ length: 4 * height * width }, (_, i) => Math.sin(i))
  return run(model.unet, prediction, { sample, timesteps: Float32Array.of(500), context })
}

async function run(component: WeightedComponent, output: Tensor, feeds: Record<string, Values>): Promise<Float32Array> {
  const weights = new Map(
    [...component.weights].map(([name, { file, byteOffset, byteLength }]) => {
      return [name, { kind: "file", path: file.path, byteOffset, byteLength } as const]
    }),
  )
  const program = await compile({ output }, { provider: "cpu", threads: 1, weights })
  const results = await program.run(feeds)
  await program.release()
  assert.ok(results.output instanceof Float32Array)
  return results.output
}

test("a new tiny model turns a prompt into a finite prediction, whatever the size of the latents", async () => {
  const directory = join(folder, "tiny")
  await newModel("tiny", directory, 1)
  for (const [height, width] of [
    [8, 8],
    [7, 5],
  ] as const) {
    const prediction = await predict(directory, height, width)
    assert.equal(prediction.length, 4 * height * width)
    assert.ok(prediction.every(Number.isFinite))
    assert.ok(prediction.some((value) => Math.abs(value) > 0.01))
  }
})

test("a model stored in half precision predicts what the one in single precision does", async () => {
  const [single, half] = [join(folder, "single"), join(folder, "half")]
  await newModel("tiny", single, 2)
  await newModel("tiny", half, 2, { dataType: "float16" })
  const [expected, actual] = [await predict(single, 8, 8), await predict(half, 8, 8)]
  for (const [i, value] of expected.entries()) assert.ok(Math.abs(value - (actual[i] ?? Number.NaN)) < 0.02)
})

test("the same seed makes the same bytes and another seed others", async () => {
  const hashes: string[] = []
  for (const [i, seed] of [3, 3, 4].entries()) {
    const directory = join(folder, `seed-${i}`)
    await newModel("tiny", directory, seed)
    const bytes = await readFile(join(directory, "unet", "diffusion_pytorch_model.safetensors"))
    hashes.push(createHash("sha256").update(bytes).digest("hex"))
  }
  assert.equal(hashes[0], hashes[1])
  assert.notEqual(hashes[0], hashes[2])
})

test("the full models have as many parameters as the published ones", () => {
  const count = (shapes: ReadonlyMap<string, readonly number[]>) =>
    shapes.values().reduce((sum, shape) => sum + shape.reduce((product, length) => product * length, 1), 0)
  const { sd15, sd21 } = newModelConfigs
  assert.equal(count(unetParameterShapes(unetConfigSchema.parse(sd15.unet))), 859_520_964)
  assert.equal(count(unetParameterShapes(unetConfigSchema.parse(sd21.unet))), 865_910_724)
  assert.equal(count(vaeParameterShapes(vaeConfigSchema.parse(sd15.vae))), 83_653_863)
  assert.equal(count(clipTextParameterShapes(clipTextConfigSchema.parse(sd15.textEncoder))), 123_060_480)
  assert.equal(count(clipTextParameterShapes(clipTextConfigSchema.parse(sd21.textEncoder))), 340_387_840)
})

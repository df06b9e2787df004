/**
 * An ONNX folder has the names that Optimum's pipelines ask for (optimum-onnx 0.1, onnxruntime/modeling_diffusion.py),
 * and its networks compute what Fjord's own do.
 */

import assert from "node:assert/strict"
import { mkdtemp, readFile, rm, stat } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, describe, test } from "node:test"
import { openOnnxFile, type Values } from "@fjord/engine"
import {
  innerTextProgram,
  loadStableDiffusion,
  textEncoderProgram,
  unetProgram,
  untuned,
  vaeDecoderProgram,
} from "../stableDiffusion.ts"
import { exportOnnx } from "./exportOnnx.ts"
import { writeTinyFamily } from "./tinyFamilies.fixture.ts"

const root = await mkdtemp(join(tmpdir(), "fjord-onnx-"))
after(() => rm(root, { recursive: true, force: true }))

const machine = { provider: "cpu", threads: 1 } as const
const wave = (shape: readonly number[], step: number) =>
  Float32Array.from({ length: shape.reduce((product, n) => product * n, 1) }, (_, i) => Math.sin(step * i))

function assertNear(got: Values | undefined, wanted: Values | undefined, what: string): void {
  assert.ok(got instanceof Float32Array && wanted instanceof Float32Array && got.length === wanted.length, what)
  const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  const error = got.reduce((most, value, i) => Math.max(most, Math.abs(value - (wanted[i] ?? 0))), 0)
  assert.ok(largest > 0 && error <= 1e-5 * largest, `${what}: off by ${error} of ${largest}`)
}

for (const family of ["sd1", "sdxl"] as const)
  describe(`a ${family} model as ONNX`, async () => {
    const [original, output] = [join(root, family), join(root, `${family}-onnx`)]
    await writeTinyFamily(family, original)
    await exportOnnx(original, output, { width: 64, height: 64, batch: 2 })
    const model = await loadStableDiffusion(original)
    const isXl = family === "sdxl"
    const open = (name: string) => openOnnxFile(join(output, name, "model.onnx"), 1)
    const tokens = model.textConfig.max_position_embeddings
    const side = 64 / model.scaleFactor

    test("has Optimum's files, names and index", async () => {
      const index = JSON.parse(await readFile(join(output, "model_index.json"), "utf8"))
      assert.equal(index._class_name, isXl ? "ORTStableDiffusionXLPipeline" : "ORTStableDiffusionPipeline")
      const names = ["text_encoder", ...(isXl ? ["text_encoder_2"] : []), "unet", "vae_decoder", "vae_encoder"]
      for (const name of names) {
        assert.deepEqual(index[name], ["diffusers", "OnnxRuntimeModel"])
        for (const file of ["model.onnx", "config.json"]) assert.ok((await stat(join(output, name, file))).isFile())
      }
      // Asked of the UNet's configuration by the pipeline.
      assert.equal(JSON.parse(await readFile(join(output, "unet/config.json"), "utf8")).time_cond_proj_dim, null)
      const interfaces: Record<string, [inputs: string[], outputs: string[]]> = {
        text_encoder: [["input_ids"], ["last_hidden_state", "pooler_output"]],
        unet: [
          ["sample", "timestep", "encoder_hidden_states", ...(isXl ? ["text_embeds", "time_ids"] : [])],
          ["out_sample"],
        ],
        vae_encoder: [["sample"], ["latent_parameters"]],
        vae_decoder: [["latent_sample"], ["sample"]],
        ...(isXl && { text_encoder_2: [["input_ids"], ["text_embeds", "last_hidden_state", "hidden_states.0"]] }),
      }
      for (const [name, [inputs, outputs]] of Object.entries(interfaces)) {
        const network = await open(name)
        assert.deepEqual([...network.inputs.keys()].sort(), inputs.toSorted(), name)
        for (const wanted of outputs) assert.ok(network.outputs.includes(wanted), `${name}: ${wanted}`)
        await network.release()
      }
    })

    test("encodes text as Fjord does", async () => {
      const { ids } = model.tokenizer.tokenize("a toy")
      const long = { ids: BigInt64Array.from(ids, BigInt) }
      const network = await open("text_encoder")
      const states = await network.run(new Map([["input_ids", Int32Array.from(ids)]]))
      if (isXl) {
        const wanted = await (await innerTextProgram(model, "first", tokens, untuned, machine)).run(long)
        const layers = network.outputs.filter((name) => name.startsWith("hidden_states.")).length
        assertNear(states.get(`hidden_states.${layers - 2}`), wanted.states, "the state before the last layer")
      } else {
        const wanted = await (await textEncoderProgram(model, tokens, untuned, machine)).run(long)
        assertNear(states.get("last_hidden_state"), wanted.states, "the last state")
      }
      await network.release()
    })

    test("predicts noise and decodes latents as Fjord does", async () => {
      const network = await open("unet")
      const shape = (name: string) => network.inputs.get(name) ?? assert.fail(name)
      assert.deepEqual(shape("timestep"), [])
      const names = {
        sample: "sample",
        context: "encoder_hidden_states",
        ...(isXl && { textEmbeds: "text_embeds", timeIds: "time_ids" }),
      }
      const values = new Map(Object.entries(names).map(([own, name], i) => [own, wave(shape(name), 0.1 + i)]))
      const feeds = new Map<string, Values>(
        Object.entries(names).map(([own, name]) => [name, values.get(own) as Values]),
      )
      const got = await network.run(feeds.set("timestep", Float32Array.of(321)))
      const size = { batch: 2, height: side, width: side, tokens }
      const program = await unetProgram(model, size, untuned, machine)
      const wanted = await program.run({ ...Object.fromEntries(values), timesteps: Float32Array.of(321, 321) })
      assertNear(got.get("out_sample"), wanted.prediction, "the UNet")
      await network.release()

      const decoder = await open("vae_decoder")
      const latents = wave(decoder.inputs.get("latent_sample") ?? [], 0.3)
      const image = await decoder.run(new Map([["latent_sample", latents]]))
      const decode = await vaeDecoderProgram(model, side, side, machine)
      assertNear(image.get("sample"), (await decode.run({ latents })).image, "the decoder")
      await decoder.release()
    })
  })

test("a size that the VAE cannot halve and a folder that is there are refused", async () => {
  const original = join(root, "sd1")
  await assert.rejects(
    exportOnnx(original, join(root, "odd"), { width: 63 }),
    /width of an ONNX export must be a multiple/,
  )
  await assert.rejects(exportOnnx(original, join(root, "sd1-onnx")), /exists already/)
})

import assert from "node:assert/strict"
import { test } from "node:test"
import { vaeConfigSchema } from "@fjord/diffusion"
import { compile, Graph } from "@fjord/engine"
import { starterTokenizer } from "../tokenizer/starterTokenizer.ts"
import { drawScene, sceneFromSeed } from "../world/scene.ts"
import { tinyArchitecture } from "./architecture.ts"
import { picturesOf } from "./batches.ts"
import { initialWeights } from "./initialise.ts"
import { setLinearEncoder } from "./linearEncoder.ts"
import { networks } from "./networks.ts"
import { eigenvectors, principalComponents } from "./principalComponents.ts"

test("eigenvectors come by falling eigenvalue, of length one", () => {
  const matrix = [Float64Array.of(2, 1, 0), Float64Array.of(1, 2, 0), Float64Array.of(0, 0, 5)]
  const { components, variances } = eigenvectors(matrix)
  assert.deepEqual(
    variances.map((value) => Number(value.toFixed(9))),
    [5, 3, 1],
  )
  const [, second] = components
  assert.deepEqual(
    [...(second ?? [])].map((value) => Number(Math.abs(value).toFixed(9))),
    [Math.SQRT1_2, Math.SQRT1_2, 0].map((value) => Number(value.toFixed(9))),
  )
})

test("the encoder's latents are the principal components of the patches, scaled", async () => {
  const { resolution, vae } = tinyArchitecture
  const nets = networks(tinyArchitecture, starterTokenizer().vocabularySize)
  const { block_out_channels: channels, norm_num_groups: groups } = vaeConfigSchema.parse(vae)
  const found = await principalComponents(nets.factor, { resolution, scenes: 20, seed: 1 })
  const weights = initialWeights("vae", nets.shapes.vae, 1)
  setLinearEncoder(weights, nets.shapes.vae, found, { channels, groups, latentChannels: nets.latentChannels })

  const scene = await drawScene(sceneFromSeed(1, "heldout"), resolution)
  const graph = new Graph()
  const { mean } = nets.encode(graph.input("image", [1, 3, resolution, resolution]))
  const memory = [...weights].map(([name, values]) => [name, { kind: "memory", values }] as const)
  const program = await compile({ mean }, { provider: "cpu", threads: 1, weights: new Map(memory) })
  const latents = (await program.run({ image: picturesOf([scene]).image })).mean as Float32Array
  await program.release()

  const side = resolution / nets.factor
  for (let k = 0; k < nets.latentChannels; k++) {
    const [expected, got]: [number[], number[]] = [[], []]
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++) {
        let sum = 0
        for (const [i, direction] of (found.components[k] ?? []).entries()) {
          const width = nets.factor * 3
          const pixel = (y * nets.factor + Math.floor(i / width)) * resolution + x * nets.factor
          sum += direction * ((scene.pixels[pixel * 3 + (i % width)] as number) / 127.5 - 1 - (found.mean[i] as number))
        }
        expected.push(sum)
        got.push(latents[(k * side + y) * side + x] as number)
      }
    // One factor per component; the rest must agree.
    const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, v, i) => sum + v * (b[i] as number), 0)
    const cosine = dot(expected, got) / Math.sqrt(dot(expected, expected) * dot(got, got))
    assert.ok(cosine > 0.999, `component ${k}: cosine ${cosine}`)
  }
})

import { Graph } from "@fjord/engine"
import { modelConfig } from "../../packages/diffusion/src/models/modelConfig.ts"
import { Params } from "../../packages/diffusion/src/models/params.ts"
import { vaeConfigSchema, vaeDecoder, vaeEncoder } from "../../packages/diffusion/src/models/vae.ts"
import type { ParitySection } from "./case.ts"
import { evaluate } from "./evaluate.ts"
import { compare, forwardCases, forwardTolerance } from "./forward.ts"

/** Moments and images of diffusers' AutoencoderKL. */
export const vae: ParitySection = (directory) =>
  forwardCases(directory, "vae", async function* ({ name, model, read }) {
    const reference = await read("vae.safetensors")
    if (!reference) return
    const config = modelConfig(vaeConfigSchema, model.vae)
    const { weights } = model.vae

    const image = reference.get("encode.image")
    if (image) {
      const graph = new Graph()
      const encoded = vaeEncoder(new Params(graph, weights), graph.input("image", image.shape), config)
      const { moments, mean, logVariance, standardDeviation } = encoded
      const outputs = { moments, mean, logVariance, standardDeviation }
      const results = await evaluate(outputs, weights, { image: Float32Array.from(image.data, Number) })
      const tolerance = await forwardTolerance(directory, `vae_moments ${name}`)
      const check = (key: string, actual: Float32Array) =>
        compare(`vae/${name}/encode.${key}`, actual, reference.get(`encode.${key}`), tolerance)
      yield* check("moments", results.moments)
      yield* check("mean", results.mean)
      yield* check("logvar_clamped", results.logVariance)
      yield* check("std", results.standardDeviation)

      const noise = reference.get("encode.noise")
      if (noise) {
        const sample = results.mean.map(
          (value, i) => value + (results.standardDeviation[i] ?? Number.NaN) * Number(noise.data[i]),
        )
        yield* check("sample", sample)
        yield* check(
          "sample_scaled",
          sample.map((value) => value * config.scaling_factor),
        )
      }
    }

    const latent = reference.get("decode.latent")
    if (latent) {
      const graph = new Graph()
      const decoded = vaeDecoder(new Params(graph, weights), graph.input("latent", latent.shape), config)
      const results = await evaluate({ decoded }, weights, { latent: Float32Array.from(latent.data, Number) })
      const tolerance = await forwardTolerance(directory, `vae_dec ${name}`)
      yield* compare(`vae/${name}/decode.image`, results.decoded, reference.get("decode.image"), tolerance)
    }
  })

import { Graph, type Tensor } from "@fjord/engine"
import { modelConfig } from "../../packages/diffusion/src/models/modelConfig.ts"
import { Params } from "../../packages/diffusion/src/models/params.ts"
import { unet as buildUnet } from "../../packages/diffusion/src/models/unet.ts"
import { type UnetConfig, unetConfigSchema } from "../../packages/diffusion/src/models/unetConfig.ts"
import type { ParitySection } from "./case.ts"
import { evaluate, type Feeds } from "./evaluate.ts"
import {
  compare,
  type ForwardReference,
  firstRows,
  forwardCases,
  forwardTolerance,
  type ReferenceTensors,
} from "./forward.ts"
import type { ReadTensor } from "./readTensors.ts"

/** Predictions of diffusers' UNet2DConditionModel and the outputs of its inner modules. */
export const unet: ParitySection = (directory) =>
  forwardCases(directory, "unet", async function* (reference) {
    const inputs = await reference.read("unet.safetensors")
    if (!inputs) return
    const { name } = reference
    const config = modelConfig(unetConfigSchema, reference.model.unet)
    const tolerance = await forwardTolerance(directory, `unet ${name}`)
    const run = (given: UnetFeeds, modules: readonly string[] = []) => predict(reference, config, given, modules)

    const all = feedsOf(inputs)
    if (all && inputs.has("out")) {
      const { prediction } = await run(all)
      yield* compare(`unet/${name}/out`, prediction, inputs.get("out"), tolerance)
    }
    if (!all) return
    const single = firstRow(all)
    const activations = await reference.read("unet_activations_batch0.safetensors")
    if (activations) {
      const modules = [...activations.keys()].map((key) => key.replace(/^act\./, ""))
      const { outputs } = await run(single, modules)
      for (const module of modules)
        yield* compare(`unet/${name}/${module}`, outputs.get(module), activations.get(`act.${module}`), tolerance)
    }
    for (const [key, expected] of inputs) {
      // out_batch1_t250: row 0 at timestep 250; out_short_ctx_t250: with the text state of a short prompt.
      const match = /^out_(batch1|short_ctx)_t(\d+)$/.exec(key)
      if (!match) continue
      const context =
        match[1] === "short_ctx" ? inputs.get("short_encoder_hidden_states") : single.encoder_hidden_states
      if (!context) continue
      const timestep = { shape: [1], data: Float32Array.of(Number(match[2])), dtype: "F32" }
      const { prediction } = await run({ ...single, encoder_hidden_states: context, timestep })
      yield* compare(`unet/${name}/${key}`, prediction, expected, tolerance)
    }
  })

type UnetFeeds = { sample: ReadTensor; timestep: ReadTensor; encoder_hidden_states: ReadTensor } & {
  readonly [optional in "text_embeds" | "time_ids"]?: ReadTensor
}

function feedsOf(inputs: ReferenceTensors): UnetFeeds | undefined {
  const get = (name: string) => inputs.get(name)
  const [sample, timestep, context] = [get("sample"), get("timestep"), get("encoder_hidden_states")]
  if (!sample || !timestep || !context) return undefined
  const [text_embeds, time_ids] = [get("text_embeds"), get("time_ids")]
  const addition = text_embeds && time_ids ? { text_embeds, time_ids } : {}
  return { sample, timestep, encoder_hidden_states: context, ...addition }
}

function firstRow(feeds: UnetFeeds): UnetFeeds {
  const { sample, timestep, encoder_hidden_states, text_embeds, time_ids } = feeds
  const addition =
    text_embeds && time_ids ? { text_embeds: firstRows(text_embeds, 1), time_ids: firstRows(time_ids, 1) } : {}
  return {
    sample: firstRows(sample, 1),
    timestep: firstRows(timestep, 1),
    encoder_hidden_states: firstRows(encoder_hidden_states, 1),
    ...addition,
  }
}

async function predict(reference: ForwardReference, config: UnetConfig, given: UnetFeeds, modules: readonly string[]) {
  const graph = new Graph()
  const feeds: Feeds = {}
  const input = (name: string, { shape, data }: ReadTensor): Tensor => {
    feeds[name] = Float32Array.from(data, Number)
    return graph.input(name, shape)
  }
  const addition =
    given.text_embeds && given.time_ids
      ? { textEmbeds: input("text_embeds", given.text_embeds), timeIds: input("time_ids", given.time_ids) }
      : {}
  const { weights } = reference.model.unet
  const prediction = buildUnet(
    new Params(graph, weights),
    {
      sample: input("sample", given.sample),
      timesteps: input("timesteps", given.timestep),
      context: input("context", given.encoder_hidden_states),
      ...addition,
    },
    config,
  )
  // Two modules may share one output (a block and its last layer), which the program then gives once.
  const key = (tensor: Tensor) => `tensor ${tensor.id}`
  const tensors = [prediction, ...modules.flatMap((module) => graph.named.get(module) ?? [])]
  const results = await evaluate(Object.fromEntries(tensors.map((tensor) => [key(tensor), tensor])), weights, feeds)
  const outputs = new Map<string, Float32Array | undefined>()
  for (const module of modules) {
    const tensor = graph.named.get(module)
    if (tensor) outputs.set(module, results[key(tensor)])
  }
  return { prediction: results[key(prediction)], outputs }
}

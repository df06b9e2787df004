import { Graph, type Tensor } from "@fjord/engine"
import type { WeightedComponent } from "../../packages/diffusion/src/folder/modelFolder.ts"
import {
  type ClipTextConfig,
  clipTextConfigSchema,
  clipTextEncoder,
  pooledIndex,
} from "../../packages/diffusion/src/models/clipTextEncoder.ts"
import { modelConfig } from "../../packages/diffusion/src/models/modelConfig.ts"
import { Params } from "../../packages/diffusion/src/models/params.ts"
import type { ParityCase, ParitySection } from "./case.ts"
import { evaluate } from "./evaluate.ts"
import { compare, firstRows, forwardCases, forwardTolerance, type ReferenceTensors } from "./forward.ts"
import type { ReadTensor } from "./readTensors.ts"

/** States of transformers' CLIPTextModel and CLIPTextModelWithProjection. */
export const textEncoder: ParitySection = (directory) =>
  forwardCases(directory, "text_encoder", async function* ({ name, model, read }) {
    for (const component of [model.textEncoder, model.textEncoder2]) {
      if (!component) continue
      const reference = await read(`${component.name}.safetensors`)
      if (!reference) continue
      const tolerance = await forwardTolerance(directory, `${component.name} ${name}`)
      yield* compareEncoder(`${component.name}/${name}`, component, reference, tolerance)
    }
  })

async function* compareEncoder(
  name: string,
  component: WeightedComponent,
  reference: ReferenceTensors,
  tolerance: number,
): AsyncIterable<ParityCase> {
  const config = modelConfig(clipTextConfigSchema, component)
  for (const prefix of ["", "short_"]) {
    const ids = reference.get(`${prefix}input_ids`)
    if (!ids) continue
    const states = await encode(component, config, ids)
    const check = (key: string, actual: ArrayLike<number> | undefined) =>
      compare(`${name}/${prefix}${key}`, actual, reference.get(prefix + key), tolerance)
    yield* check("last_hidden_state", states.lastHiddenState)
    yield* check("pooler_output", pooled(states.lastHiddenState, ids, config))
    yield* check("text_embeds", pooled(states.projected, ids, config))
    for (let i = 0; i <= config.num_hidden_layers; i++) {
      const expected = reference.get(`${prefix}hidden_states.${i}`)
      // The reference may hold the first prompts only.
      if (expected) yield* check(`hidden_states.${i}`, states[`hidden ${i}`]?.subarray(0, expected.data.length))
    }
    if (ids.shape[0] !== 1) {
      const first = firstRows(ids, 1)
      const alone = await encode(component, config, first)
      const expected = reference.get(`${prefix}last_hidden_state`)
      if (expected)
        yield* compare(
          `${name}/${prefix}last_hidden_state of one prompt`,
          alone.lastHiddenState,
          firstRows(expected, 1),
          tolerance,
        )
    }
  }
}

async function encode(component: WeightedComponent, config: ClipTextConfig, ids: ReadTensor) {
  const graph = new Graph()
  const output = clipTextEncoder(new Params(graph, component.weights), graph.input("ids", ids.shape, "int64"), config)
  const { lastHiddenState, hiddenStates, projected } = output
  const outputs: Record<string, Tensor> = { lastHiddenState, ...(projected ? { projected } : {}) }
  for (const [i, state] of hiddenStates.entries()) outputs[`hidden ${i}`] = state
  return evaluate(outputs, component.weights, { ids: BigInt64Array.from(ids.data, BigInt) })
}

/** The state of each prompt's end token. */
function pooled(states: Float32Array | undefined, ids: ReadTensor, config: ClipTextConfig): number[] | undefined {
  if (!states) return undefined
  const [prompts = 1, tokens = 1] = ids.shape
  const width = states.length / (prompts * tokens)
  return Array.from({ length: prompts }, (_, row) => {
    const index = pooledIndex(Array.from(ids.data.subarray(row * tokens, (row + 1) * tokens), Number), config)
    const start = (row * tokens + index) * width
    return Array.from(states.subarray(start, start + width))
  }).flat()
}

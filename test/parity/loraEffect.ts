import { existsSync } from "node:fs"
import { join } from "node:path"
import { loadLoraFor } from "../../packages/diffusion/src/lora/loadLoraFor.ts"
import {
  contextChannels,
  type StableDiffusion,
  type Tuning,
  unetProgram,
  untuned,
} from "../../packages/diffusion/src/stableDiffusion.ts"
import { conditionsOf, type Tokenized } from "../../packages/diffusion/src/textConditions.ts"
import { stackedTuning } from "../../packages/diffusion/src/training/trainable.ts"
import { attempt, type ParityCase, type ParitySection } from "./case.ts"
import { readTensors } from "./readTensors.ts"
import { compareTo, entries, floats, machine, pipelineOf, type ReferenceTensors, row } from "./references.ts"
import { scalar } from "./trainingInputs.ts"

/** The UNet's output with a LoRA file of diffusers loaded at scales, and without it. */
export const loraEffect: ParitySection = async function* (directory) {
  for (const pipeline of await entries(join(directory, "training"), /^[^.]+$/)) {
    const folder = join(directory, "training", pipeline)
    for (const run of await entries(folder, /^lora_/)) {
      if (!existsSync(join(folder, run, "effect.safetensors"))) continue
      yield* attempt(`${pipeline}/${run}`, async function* () {
        const model = await pipelineOf(directory, pipeline)
        if (typeof model === "string") {
          yield { name: `${pipeline}/${run}`, skipped: model }
          return
        }
        const { tensors } = await readTensors(join(folder, run, "effect.safetensors"))
        const prompt = await firstPrompt(folder)
        for (const file of await entries(join(folder, run), /^pytorch_lora_weights.*\.safetensors$/))
          yield* attempt(`${pipeline}/${run}/${file}`, () =>
            effects(`${pipeline}/${run}/${file}`, model, join(folder, run, file), tensors, prompt),
          )
      })
    }
  }
}

/** The first prompt of the training inputs, with which the effects were measured. */
interface Prompt extends Tokenized {
  /** Stable Diffusion XL: sizes and crop. */
  readonly timeIds: Float32Array
}

async function firstPrompt(folder: string): Promise<Prompt | undefined> {
  const path = join(folder, "inputs.safetensors")
  if (!existsSync(path)) return undefined
  const { tensors } = await readTensors(path)
  const first = (name: string) => (tensors.has(name) ? Array.from(row(tensors, name, 0)) : [])
  if (!tensors.has("input_ids")) return undefined
  return { ids: first("input_ids"), ids2: first("input_ids_2"), timeIds: Float32Array.from(first("time_ids")) }
}

async function* effects(
  name: string,
  model: StableDiffusion,
  path: string,
  tensors: ReferenceTensors,
  prompt: Prompt | undefined,
): AsyncIterable<ParityCase> {
  const { layers } = await loadLoraFor(model.folder, path)
  const encode = async (tuning: Tuning) => {
    if (!prompt) return undefined
    const [condition] = await conditionsOf(model, [prompt], tuning, machine)
    return condition
  }
  const plain = await encode(untuned)
  for (const key of tensors.keys()) {
    if (!key.startsWith("out_")) continue
    const scale = key === "out_without" ? 0 : key === "out_trained_model" ? 1 : Number(key.replace("out_scale", ""))
    if (!Number.isFinite(scale)) continue
    const tuning = scale === 0 ? untuned : stackedTuning([{ layers, weight: scale }])
    const stateKey = `encoder_hidden_states_scale${scale}`
    const trainsText = layers.some(({ component }) => component === "text_encoder")
    const condition = await encode(tuning)
    if (condition && tensors.has(stateKey)) yield* compareTo(tensors, stateKey, condition.states, `${name} ${stateKey}`)
    // Without a trained text encoder the states are the same at every scale.
    const context = tensors.has(stateKey)
      ? floats(tensors, stateKey)
      : scale === 0 && trainsText
        ? plain?.states
        : floats(tensors, "encoder_hidden_states_scale1")
    if (!context) yield { name: `${name} ${key}`, skipped: "the text state of this call is not in the reference data" }
    else {
      const added = model.second &&
        condition && { textEmbeds: condition.pooled, timeIds: prompt?.timeIds ?? new Float32Array() }
      const prediction = await predict(model, tuning, tensors, { context, ...added })
      yield* compareTo(tensors, key, prediction, `${name} ${key}`)
    }
  }
}

async function predict(
  model: StableDiffusion,
  tuning: Tuning,
  tensors: ReferenceTensors,
  conditions: { readonly context: Float32Array; readonly textEmbeds?: Float32Array; readonly timeIds?: Float32Array },
) {
  const [batch = 1, , height = 0, width = 0] = tensors.get("sample")?.shape ?? []
  const tokens = conditions.context.length / batch / contextChannels(model)
  const program = await unetProgram(model, { batch, height, width, tokens }, tuning, machine)
  try {
    const timesteps = new Float32Array(batch).fill(scalar(tensors, "timestep"))
    const { prediction } = await program.run({ sample: floats(tensors, "sample"), timesteps, ...conditions })
    return prediction instanceof Float32Array ? prediction : new Float32Array()
  } finally {
    await program.release()
  }
}

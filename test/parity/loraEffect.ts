import { existsSync } from "node:fs"
import { join } from "node:path"
import { loadLora, loraModules } from "../../packages/diffusion/src/lora/loadLora.ts"
import {
  encodePrompts,
  type StableDiffusion,
  type Tuning,
  unetProgram,
  untuned,
} from "../../packages/diffusion/src/stableDiffusion.ts"
import { stackedTuning } from "../../packages/diffusion/src/training/trainable.ts"
import type { ParityCase, ParitySection } from "./case.ts"
import { readTensors } from "./readTensors.ts"
import { compareTo, entries, floats, machine, modelOf, type ReferenceTensors } from "./references.ts"
import { scalar } from "./trainingInputs.ts"

/** The UNet's output with a LoRA file of diffusers loaded at scales, and without it. */
export const loraEffect: ParitySection = async function* (directory) {
  for (const pipeline of await entries(join(directory, "training"), /^[^.]+$/)) {
    const folder = join(directory, "training", pipeline)
    for (const run of await entries(folder, /^lora_/)) {
      if (!existsSync(join(folder, run, "effect.safetensors"))) continue
      const model = await modelOf(directory, pipeline)
      if (typeof model === "string") {
        yield { name: `${pipeline}/${run}`, skipped: model }
        continue
      }
      const { tensors } = await readTensors(join(folder, run, "effect.safetensors"))
      const ids = await promptIds(folder)
      for (const file of await entries(join(folder, run), /^pytorch_lora_weights.*\.safetensors$/))
        yield* effects(`${pipeline}/${run}/${file}`, model, join(folder, run, file), tensors, ids)
    }
  }
}

/** The first prompt of the training inputs, with which the effects were measured. */
async function promptIds(folder: string): Promise<number[] | undefined> {
  const path = join(folder, "inputs.safetensors")
  if (!existsSync(path)) return undefined
  const ids = (await readTensors(path)).tensors.get("input_ids")
  return ids && Array.from(ids.data.subarray(0, ids.shape[1]), Number)
}

async function* effects(
  name: string,
  model: StableDiffusion,
  path: string,
  tensors: ReferenceTensors,
  ids: number[] | undefined,
): AsyncIterable<ParityCase> {
  const modules = {
    unet: loraModules(model.folder.unet.weights),
    textEncoder: loraModules(model.folder.textEncoder.weights),
  }
  const { layers } = await loadLora(path, modules)
  const [plainStates] = ids ? await encodePrompts(model, [ids], untuned, machine) : []
  for (const key of tensors.keys()) {
    if (!key.startsWith("out_")) continue
    const scale = key === "out_without" ? 0 : key === "out_trained_model" ? 1 : Number(key.replace("out_scale", ""))
    if (!Number.isFinite(scale)) continue
    const tuning = scale === 0 ? untuned : stackedTuning([{ layers, weight: scale }])
    const stateKey = `encoder_hidden_states_scale${scale}`
    const trainsText = layers.some(({ component }) => component === "text_encoder")
    if (ids && tensors.has(stateKey)) {
      const [states = new Float32Array()] = await encodePrompts(model, [ids], tuning, machine)
      yield* compareTo(tensors, stateKey, states, `${name} ${stateKey}`)
    }
    // Without a trained text encoder the states are the same at every scale.
    const context = tensors.has(stateKey)
      ? floats(tensors, stateKey)
      : scale === 0 && trainsText
        ? plainStates
        : floats(tensors, "encoder_hidden_states_scale1")
    if (!context) yield { name: `${name} ${key}`, skipped: "the text state of this call is not in the reference data" }
    else yield* compareTo(tensors, key, await predict(model, tuning, tensors, context), `${name} ${key}`)
  }
}

async function predict(model: StableDiffusion, tuning: Tuning, tensors: ReferenceTensors, context: Float32Array) {
  const [batch = 1, , height = 0, width = 0] = tensors.get("sample")?.shape ?? []
  const tokens = context.length / batch / model.textConfig.hidden_size
  const program = await unetProgram(model, { batch, height, width, tokens }, tuning, machine)
  try {
    const timesteps = new Float32Array(batch).fill(scalar(tensors, "timestep"))
    const { prediction } = await program.run({ sample: floats(tensors, "sample"), timesteps, context })
    return prediction instanceof Float32Array ? prediction : new Float32Array()
  } finally {
    await program.release()
  }
}

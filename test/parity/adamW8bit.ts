/** The 8-bit AdamW against a trace of bitsandbytes' pure PyTorch path: bit for bit. */
import { existsSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { AdamW8bit } from "../../packages/engine/src/optimisers/adamW8bit.ts"
import { createDynamicMap, dequantise, quantise } from "../../packages/engine/src/optimisers/dynamicQuantisation.ts"
import { openSafetensors, readTensors } from "../../packages/engine/src/weights/safetensors.ts"
import { maxAbsoluteError, type ParityCase } from "./case.ts"

interface Hyperparameters {
  readonly lr: number
  readonly betas: readonly [number, number]
  readonly eps: number
  readonly weight_decay: number
  readonly blocksize: number
}

export async function* adamW8bit(directory: string): AsyncGenerator<ParityCase> {
  const folder = join(directory, "adamw8bit")
  const codebooks = join(folder, "codebooks.json")
  if (existsSync(codebooks)) {
    const wanted: Record<string, unknown> = JSON.parse(await readFile(codebooks, "utf8"))
    for (const kind of ["signed", "unsigned"]) {
      const values = wanted[kind]
      if (!Array.isArray(values)) continue
      const error = maxAbsoluteError(createDynamicMap(kind === "signed").values, Float32Array.from(values))
      yield { name: `adamw8bit codebook ${kind}`, error, tolerance: 0 }
    }
  }
  const trace = join(folder, "trace.safetensors")
  if (existsSync(trace)) yield* followTrace(trace)
}

async function* followTrace(path: string): AsyncGenerator<ParityCase> {
  const tensors = await readTensors(path)
  const array = (name: string) => tensors.get(name)?.data
  const compare = (name: string, actual: ArrayLike<number>): ParityCase[] => {
    const expected = array(name)
    if (!expected || expected instanceof BigInt64Array) return []
    return [{ name: `adamw8bit ${name}`, error: maxAbsoluteError(actual, expected), tolerance: 0 }]
  }

  const input = array("quant.input")
  if (input instanceof Float32Array) {
    const map = createDynamicMap(true)
    const { codes, absmax } = quantise(input, map)
    yield* compare("quant.codes", codes)
    yield* compare("quant.absmax", absmax)
    yield* compare("quant.dequant", dequantise(codes, absmax, map))
  }

  const { metadata } = await openSafetensors(path)
  const gradients = array("grads")
  const weights = array("param0")?.slice()
  if (!(gradients instanceof Float32Array) || !(weights instanceof Float32Array) || !metadata.hyper) return
  const hyper: Hyperparameters = JSON.parse(metadata.hyper)
  if (hyper.blocksize !== 256) {
    yield { name: "adamw8bit trace", skipped: `blocks of ${hyper.blocksize}; only 256 is implemented` }
    return
  }
  const { betas, eps: epsilon, weight_decay: weightDecay } = hyper
  const optimiser = new AdamW8bit({ betas, epsilon, weightDecay })
  const size = weights.length
  for (let step = 1; step * size <= gradients.length; step++) {
    optimiser.beginStep()
    optimiser.step("weight", weights, gradients.subarray((step - 1) * size, step * size), hyper.lr)
    const state = optimiser.state()
    yield* compare(`step${step}.param`, weights)
    const parts = {
      state1: "exp_avg.codes",
      absmax1: "exp_avg.absmax",
      state2: "exp_avg_sq.codes",
      absmax2: "exp_avg_sq.absmax",
    }
    for (const [name, part] of Object.entries(parts)) {
      const data = state.get(`weight.${part}`)?.data
      if (data instanceof Uint8Array || data instanceof Float32Array) yield* compare(`step${step}.${name}`, data)
    }
  }
}

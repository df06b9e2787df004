/** How much memory a training run will take, from its graph alone, and the memory mode that fits. */

import { readFileSync } from "node:fs"
import os from "node:os"
import { type Graph, type MemoryMode, planStages, size, type Tensor } from "@fjord/engine"

export interface MemoryEstimateOptions {
  /** Built for the estimate: gradient nodes are appended to it. */
  readonly graph: Graph
  readonly prediction: Tensor
  /** Trainable parameters by graph name; only their lengths matter. */
  readonly trainable: ReadonlyMap<string, { readonly byteLength: number }>
  /** State of the optimiser, see `Optimiser.bytesPerParameter`. */
  readonly optimiserBytesPerParameter: number
  readonly mode: MemoryMode
  /** Bytes of the weights that are read and not trained. */
  readonly frozenBytes: number
}

/** All in bytes. */
export interface MemoryEstimate {
  /** Frozen and trained weights. */
  readonly weights: number
  readonly gradients: number
  readonly optimiser: number
  /** Values held between blocks, at their peak. */
  readonly activations: number
  /** What a single block needs while it runs, at most. */
  readonly transient: number
  readonly total: number
}

/** Node.js, ONNX Runtime and its sessions. */
const baseBytes = 250e6

/**
 * A block's values, times this: im2col, attention probabilities, copies of outputs and freed memory that glibc keeps.
 * Fitted to SD 1.5 at 64x64 latents and a model of a fortieth, batch 1 (bench/README.md and the test).
 */
const scratchFactor = 4

/** Peak memory of a run's training steps (not of sampling). */
export function estimateMemory(options: MemoryEstimateOptions): MemoryEstimate {
  const { graph, prediction, trainable, mode } = options
  return memoryOfStages(planStages(graph, prediction, { mode, trainable: new Set(trainable.keys()) }), options)
}

/** The same for stages that are planned already. */
export function memoryOfStages(
  { forward, backward, gradientOf }: ReturnType<typeof planStages>,
  options: Pick<MemoryEstimateOptions, "trainable" | "optimiserBytesPerParameter" | "frozenBytes">,
): MemoryEstimate {
  const trained = [...options.trainable.values()].reduce((sum, { byteLength }) => sum + byteLength, 0)
  const isGradient = new Set(gradientOf.values())
  const stages = [...forward, ...backward]
  const lastUse = new Map<Tensor, number>()
  for (const [i, { fed }] of stages.entries()) for (const tensor of fed) lastUse.set(tensor, i)
  let activations = 0
  let transient = 0
  let held = 0
  for (const [i, { outputs, fed, computed }] of stages.entries()) {
    transient = Math.max(transient, scratchFactor * workingSet(outputs, computed))
    for (const tensor of outputs) if (!isGradient.has(tensor)) held += bytesOf(tensor)
    activations = Math.max(activations, held)
    for (const tensor of fed) if (lastUse.get(tensor) === i) held -= bytesOf(tensor)
  }
  const parts = {
    weights: options.frozenBytes + trained,
    gradients: trained,
    optimiser: (trained / Float32Array.BYTES_PER_ELEMENT) * options.optimiserBytesPerParameter,
    activations,
    transient,
  }
  return { ...parts, total: baseBytes + Object.values(parts).reduce((sum, part) => sum + part, 0) }
}

export interface MemoryModeRequest {
  /** Bytes, see `availableMemory`. */
  readonly available: number
  /** The estimate for one of the two modes. */
  readonly estimate: (mode: MemoryMode) => MemoryEstimate
  /** What is asked for, to name what would help. */
  readonly settings: {
    readonly full: boolean
    readonly use8bitAdam: boolean
    readonly resolution: number
    readonly trainBatchSize: number
  }
}

/** The faster mode where it fits in nine tenths of the memory, else the smaller. @throws where neither fits. */
export function chooseMemoryMode({ available, estimate, settings }: MemoryModeRequest): {
  readonly mode: MemoryMode
  readonly estimate: MemoryEstimate
} {
  const limit = 0.9 * available
  const save = estimate("save")
  if (save.total <= limit) return { mode: "save", estimate: save }
  const recompute = estimate("recompute")
  if (recompute.total <= limit) return { mode: "recompute", estimate: recompute }
  const help = [
    ...(settings.trainBatchSize > 1 ? ["train_batch_size: 1"] : []),
    ...(settings.full && !settings.use8bitAdam ? ["use_8bit_adam: true"] : []),
    ...(settings.full ? ["method: lora"] : []),
    ...(settings.resolution > 256 ? [`a resolution below ${settings.resolution}`] : []),
  ]
  throw new Error(
    `Training would take about ${gigabytes(recompute.total)}, but ${gigabytes(available)} of memory are available ` +
      `(a tenth is kept free); ${help.length > 0 ? `these settings need less: ${help.join(", ")}` : "close other programs"}.`,
  )
}

/** Bytes that new allocations may take without swapping. */
export function availableMemory(): number {
  try {
    const line = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8"))
    if (line) return Math.min(Number(line[1]) * 1024, process.availableMemory())
  } catch {
    // Not Linux.
  }
  return process.availableMemory?.() ?? os.freemem()
}

/** Peak of the values alive at once when a stage is computed in the order of its graph. */
function workingSet(outputs: readonly Tensor[], order: readonly Tensor[]): number {
  const lastUse = new Map<Tensor, number>()
  for (const [i, { inputs }] of order.entries()) for (const tensor of inputs) lastUse.set(tensor, i)
  for (const tensor of outputs) lastUse.set(tensor, order.length)
  const own = new Set(order)
  let live = 0
  let peak = 0
  for (const [i, tensor] of order.entries()) {
    live += bytesOf(tensor)
    peak = Math.max(peak, live)
    for (const input of new Set(tensor.inputs)) if (own.has(input) && lastUse.get(input) === i) live -= bytesOf(input)
  }
  return peak
}

const bytesOf = (tensor: Tensor): number => size(tensor.shape) * 4

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`

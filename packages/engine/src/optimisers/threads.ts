/**
 * Updating one parameter on several threads. They take chunks from a common counter: a slow thread holds up no more than its
 * chunk, and one that has not started yet holds up nothing. An element's new value depends on its old ones only, so the
 * bytes are the same whoever computes them.
 */
import { Worker } from "node:worker_threads"
import { type QuantisedMoments, updateAdamW8bit } from "./adamW8bitUpdate.ts"
import { type AdamWStep, type FloatMoments, updateAdamW } from "./adamWUpdate.ts"

/** An update of all elements of one parameter. */
export type Update = { readonly weights: Float32Array; readonly gradient: Float32Array; readonly by: AdamWStep } & (
  | { readonly kind: "AdamW"; readonly moments: FloatMoments }
  | { readonly kind: "AdamW8bit"; readonly moments: QuantisedMoments }
)

/** What the threads share; `counters` are the chunks taken and the chunks done. */
export interface SharedUpdate {
  readonly update: Update
  readonly counters: Int32Array
}

const [taken, done] = [0, 1]
/** Elements of a chunk: whole blocks of 8-bit moments, and long beside what waking a thread takes. */
const chunk = 1 << 16

const workers: Worker[] = []
let gradientForAll: Float32Array = new Float32Array(new SharedArrayBuffer(0))

/** A copy that all threads of the process see. */
export function shared<Values extends Float32Array | Uint8Array>(values: Values): Values {
  const copy = new (values.constructor as new (buffer: SharedArrayBuffer) => Values)(
    new SharedArrayBuffer(values.byteLength),
  )
  copy.set(values)
  return copy
}

/** Updates weights and moments in place, on `threads` threads where the weights are `shared` and worth it. */
export function runUpdate(update: Update, threads: number): void {
  const { weights, gradient } = update
  if (threads === 1 || weights.length < 2 * chunk || !(weights.buffer instanceof SharedArrayBuffer)) {
    updateRange(update, 0, weights.length)
    return
  }
  if (gradientForAll.length < gradient.length) gradientForAll = shared(gradient)
  else gradientForAll.set(gradient)
  const counters = new Int32Array(new SharedArrayBuffer(8))
  const task: SharedUpdate = { update: { ...update, gradient: gradientForAll }, counters }
  while (workers.length < threads - 1) {
    const worker = new Worker(new URL("./updateWorker.ts", import.meta.url))
    worker.unref()
    workers.push(worker)
  }
  for (const worker of workers.slice(0, threads - 1)) worker.postMessage(task)
  takeChunks(task)
  const chunks = Math.ceil(weights.length / chunk)
  for (let count = Atomics.load(counters, done); count < chunks; count = Atomics.load(counters, done))
    Atomics.wait(counters, done, count)
}

/** Takes chunks and updates them until none is left. */
export function takeChunks({ update, counters }: SharedUpdate): void {
  const { length } = update.weights
  for (;;) {
    const start = chunk * Atomics.add(counters, taken, 1)
    if (start >= length) return
    updateRange(update, start, Math.min(start + chunk, length))
    Atomics.add(counters, done, 1)
    Atomics.notify(counters, done)
  }
}

function updateRange(update: Update, start: number, end: number): void {
  const { weights, gradient, by } = update
  if (update.kind === "AdamW") updateAdamW(weights, gradient, update.moments, by, start, end)
  else updateAdamW8bit(weights, gradient, update.moments, by, start, end)
}

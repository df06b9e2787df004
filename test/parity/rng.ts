import { createHash } from "node:crypto"
import { existsSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { dataLoaderOrder } from "../../packages/diffusion/src/random/dataLoaderOrder.ts"
import { TorchGenerator } from "../../packages/diffusion/src/random/torchGenerator.ts"
import { maxAbsoluteError, type ParityCase, type ParitySection } from "./case.ts"
import { asNumbers, readTensors } from "./readTensors.ts"

/** What each name of rng/small.safetensors draws: n values from a fresh generator. */
const draws: Record<string, (generator: TorchGenerator, n: number) => ArrayLike<number>> = {
  randn: (generator, n) => generator.randn(n),
  generator_randn: (generator, n) => generator.randn(n),
  rand: (generator, n) => generator.rand(n),
  randperm: (generator, n) => generator.randperm(n),
  randint1000: (generator, n) => generator.randint(0, 1000, n),
  randint_2_40: (generator, n) => generator.randint(0, 2 ** 40, n),
  raw_u32: (generator, n) => generator.randint(0, 2 ** 31, n),
  int64_random_: (generator, n) => Array.from({ length: n }, () => Number(generator.random63())),
  normal_: (generator, n) => generator.normal(0.5, 2, n),
  uniform_: (generator, n) => generator.uniform(-0.3, 0.3, n),
  "linear_8_4.weight": (generator, n) => generator.uniform(-(8 ** -0.5), 8 ** -0.5, n),
  "linear_8_4.bias": (generator, n) => {
    generator.rand(32)
    return generator.uniform(-(8 ** -0.5), 8 ** -0.5, n)
  },
  seq_randn1_randn1: (generator) => [...generator.randn(1), ...generator.randn(1)],
  seq_randn3_rand2_randn1: (generator) => [...generator.randn(3), ...generator.rand(2), ...generator.randn(1)],
  seq_randn5_randn5_randn20_randn3: (generator) => [5, 5, 20, 3].flatMap((count) => [...generator.randn(count)]),
  randn_like_then_randint_then_randn: (generator) => [
    ...generator.randn(16),
    ...generator.randint(0, 1000, 1),
    ...generator.randn(16),
  ],
}

/** PyTorch's CPU random numbers: short draws, long ones by hash, and the orders of shuffled data loaders. All exact. */
export const rng: ParitySection = async function* (directory) {
  const folder = join(directory, "rng")
  yield* short(join(folder, "small.safetensors"))
  yield* long(join(folder, "big.json"))
  yield* orders(join(folder, "dataloader_orders.json"))
}

async function* short(path: string): AsyncIterable<ParityCase> {
  if (!existsSync(path)) return
  const { tensors } = await readTensors(path)
  for (const [name, tensor] of tensors) {
    const kind = Object.keys(draws).find((key) => name.startsWith(`${key}.`))
    const draw = kind === undefined ? undefined : draws[kind]
    const seed = kind === undefined ? undefined : name.slice(kind.length + 1).split(".")[0]
    if (draw === undefined || !seed) {
      yield { name: `rng/${name}`, skipped: "no such draw is implemented (float64 tensors are not used)" }
      continue
    }
    const actual = draw(new TorchGenerator(BigInt(seed)), tensor.data.length)
    yield { name: `rng/${name}`, error: maxAbsoluteError(actual, asNumbers(tensor)), tolerance: 0 }
  }
}

async function* long(path: string): AsyncIterable<ParityCase> {
  if (!existsSync(path)) return
  const entries = JSON.parse(await readFile(path, "utf8")) as Record<
    string,
    { shape?: number[]; sha256_le_f32?: string }
  >
  for (const [name, { shape, sha256_le_f32: hash }] of Object.entries(entries)) {
    const seed = name.split(".")[1]
    if (!name.startsWith("randn.") || !seed || shape === undefined || hash === undefined) {
      yield { name: `rng/${name}`, skipped: "the byte layout of PyTorch's generator state is not reproduced" }
      continue
    }
    const values = new TorchGenerator(BigInt(seed)).randn(shape.reduce((product, size) => product * size, 1))
    const actual = createHash("sha256").update(new Uint8Array(values.buffer)).digest("hex")
    yield { name: `rng/${name}`, error: actual === hash ? 0 : 1, tolerance: 0 }
  }
}

interface Epochs {
  readonly torch?: { order: number[]; randn_after: number[] }[]
  readonly accelerate?: { order: number[]; randn_after: number[] }[]
  readonly accelerate_interleaved?: [index: number, drawn: number[]][][]
}

async function* orders(path: string): AsyncIterable<ParityCase> {
  if (!existsSync(path)) return
  const entries = JSON.parse(await readFile(path, "utf8")) as Record<string, Epochs>
  for (const [name, runs] of Object.entries(entries)) {
    const [seed, length] = name.split(".").map(Number)
    if (seed === undefined || length === undefined || Number.isNaN(seed + length)) {
      yield { name: `rng/dataloader/${name}`, skipped: "Python's and NumPy's generators are not used" }
      continue
    }
    for (const kind of ["torch", "accelerate"] as const) {
      const generator = new TorchGenerator(seed)
      const epochs = runs[kind] ?? []
      const actual = epochs.flatMap(() => [...dataLoaderOrder(generator, length), ...generator.randn(2)])
      const expected = epochs.flatMap((epoch) => [...epoch.order, ...epoch.randn_after])
      yield { name: `rng/dataloader/${name}/${kind}`, error: maxAbsoluteError(actual, expected), tolerance: 0 }
    }
    const generator = new TorchGenerator(seed)
    const epochs = runs.accelerate_interleaved ?? []
    const actual = epochs.flatMap(() =>
      dataLoaderOrder(generator, length).flatMap((index) => [index, ...generator.randn(2)]),
    )
    const error = maxAbsoluteError(actual, epochs.flat(2).flat())
    yield { name: `rng/dataloader/${name}/accelerate_interleaved`, error, tolerance: 0 }
  }
}

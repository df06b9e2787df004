import { boxMuller16 } from "./float32BoxMuller.ts"
import { MersenneTwister } from "./mersenneTwister.ts"

/** Everything a generator needs to go on where it was; survives structuredClone. */
export interface TorchGeneratorState {
  readonly words: Uint32Array
  readonly index: number
  /** The second normal of a Box-Muller pair, kept by draws of fewer than 16; null when none is waiting. */
  readonly nextNormal: number | null
}

/**
 * PyTorch's CPU random numbers: `new TorchGenerator(seed).randn(n)` is `torch.manual_seed(seed); torch.randn(n)` bit for bit
 * (of the AVX2 kernel, which every x86 processor of the last ten years takes). Source: aten/src/ATen/CPUGeneratorImpl.cpp,
 * core/DistributionsHelper.h, native/cpu/DistributionTemplates.h.
 */
export class TorchGenerator {
  private readonly engine: MersenneTwister
  private nextNormal: number | null

  /** `seed` is taken modulo 2^64, of which PyTorch's engine uses the low 32 bits. A number must be an integer. */
  constructor(seed: number | bigint | TorchGeneratorState) {
    if (typeof seed === "object") {
      this.engine = MersenneTwister.fromState(seed)
      this.nextNormal = seed.nextNormal
      return
    }
    if (typeof seed === "number" && !Number.isSafeInteger(seed)) {
      throw new RangeError(`Seed: wanted an integer, got ${seed}; give larger seeds as a bigint.`)
    }
    this.engine = MersenneTwister.fromSeed(BigInt(seed))
    this.nextNormal = null
  }

  static fromState(state: TorchGeneratorState): TorchGenerator {
    return new TorchGenerator(state)
  }

  state(): TorchGeneratorState {
    return { ...this.engine.state(), nextNormal: this.nextNormal }
  }

  /** `torch.randn(n)`: n float32 values of the standard normal distribution. */
  randn(n: number): Float32Array {
    return this.normal(0, 1, n)
  }

  /** `torch.empty(n).normal_(mean, standardDeviation)`. */
  normal(mean: number, standardDeviation: number, n: number): Float32Array {
    const values = new Float32Array(checkedCount(n))
    if (n < 16) return values.map(() => this.normalDouble() * standardDeviation + mean)
    const [m, s] = [Math.fround(mean), Math.fround(standardDeviation)]
    this.fillUniform(values)
    for (let i = 0; i < n - 15; i += 16) boxMuller16(values, i, m, s)
    if (n % 16 !== 0) {
      // PyTorch does not keep a partial block: it draws the last 16 values anew.
      const tail = values.subarray(n - 16)
      this.fillUniform(tail)
      boxMuller16(tail, 0, m, s)
    }
    return values
  }

  /** `torch.rand(n)`: n float32 values in [0, 1). */
  rand(n: number): Float32Array {
    const values = new Float32Array(checkedCount(n))
    this.fillUniform(values)
    return values
  }

  /** `torch.empty(n).uniform_(low, high)`: n float32 values in [low, high). */
  uniform(low: number, high: number, n: number): Float32Array {
    const [from, to] = [Math.fround(low), Math.fround(high)]
    const range = Math.fround(to - from)
    return this.rand(n).map((value) => value * range + from)
  }

  /**
   * `torch.randint(low, high, [n])`: n integers in [low, high). Ranges of 2^28 and more take 64 random bits a value, as
   * PyTorch does to keep the bias of its modulo small. The bounds must be safe integers, low < high.
   */
  randint(low: number, high: number, n: number): number[] {
    const range = high - low
    if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high) || !Number.isSafeInteger(range) || range <= 0) {
      throw new RangeError(`randint: wanted integers low < high, got low ${low} and high ${high}.`)
    }
    const draw =
      range >= 2 ** 28
        ? () => low + Number(this.random64() % BigInt(range))
        : () => low + (this.engine.next32() % range)
    return Array.from({ length: checkedCount(n) }, draw)
  }

  /** `torch.randperm(n)`: the integers 0 to n-1 in random order. */
  randperm(n: number): number[] {
    const order = Array.from({ length: checkedCount(n) }, (_, i) => i)
    for (let i = 0; i < n - 1; i++) {
      const j = i + (this.engine.next32() % (n - i))
      const swapped = order[i] as number
      order[i] = order[j] as number
      order[j] = swapped
    }
    return order
  }

  /** `torch.empty((), dtype=torch.int64).random_()`: an integer in [0, 2^63); PyTorch draws its seeds so. */
  random63(): bigint {
    return BigInt.asUintN(63, this.random64())
  }

  private random64(): bigint {
    const high = this.engine.next32()
    return (BigInt(high) << 32n) | BigInt(this.engine.next32())
  }

  private uniformDouble(): number {
    const high = this.engine.next32() & 0x1fffff
    return (high * 2 ** 32 + this.engine.next32()) * 2 ** -53
  }

  private normalDouble(): number {
    if (this.nextNormal !== null) {
      const value = this.nextNormal
      this.nextNormal = null
      return value
    }
    const angle = 2 * Math.PI * this.uniformDouble()
    const radius = Math.sqrt(-2 * Math.log1p(-this.uniformDouble()))
    this.nextNormal = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }

  private fillUniform(values: Float32Array): void {
    for (let i = 0; i < values.length; i++) values[i] = (this.engine.next32() & 0xffffff) * 2 ** -24
  }
}

function checkedCount(n: number): number {
  if (!Number.isSafeInteger(n) || n < 0) throw new RangeError(`Random draw: wanted a count of 0 or more, got ${n}.`)
  return n
}

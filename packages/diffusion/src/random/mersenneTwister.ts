const stateSize = 624
const shiftSize = 397

/** A generator's position: `words` is the mt19937 state, `index` the next word of it to be given out (624: twist first). */
export interface MersenneTwisterState {
  readonly words: Uint32Array
  readonly index: number
}

/** mt19937 (Matsumoto and Nishimura, 1998), seeded as `at::mt19937` does: with the low 32 bits of the seed. */
export class MersenneTwister {
  private readonly words: Uint32Array
  private index: number

  private constructor(words: Uint32Array, index: number) {
    this.words = words
    this.index = index
  }

  static fromSeed(seed: bigint): MersenneTwister {
    const words = new Uint32Array(stateSize)
    let word = Number(BigInt.asUintN(32, seed))
    words[0] = word
    for (let i = 1; i < stateSize; i++) {
      word = (Math.imul(1812433253, word ^ (word >>> 30)) + i) >>> 0
      words[i] = word
    }
    return new MersenneTwister(words, stateSize)
  }

  static fromState(state: MersenneTwisterState): MersenneTwister {
    const { words, index } = state
    if (words.length !== stateSize || !Number.isInteger(index) || index < 0 || index > stateSize) {
      throw new RangeError(
        `Random state: wanted ${stateSize} words and an index of 0 to ${stateSize}, got ${words.length} words and index ${index}; the saved state is damaged.`,
      )
    }
    return new MersenneTwister(Uint32Array.from(words), index)
  }

  state(): MersenneTwisterState {
    return { words: this.words.slice(), index: this.index }
  }

  /** The next 32 random bits, as an unsigned integer. */
  next32(): number {
    if (this.index === stateSize) this.twist()
    let y = this.words[this.index++] as number
    y ^= y >>> 11
    y ^= (y << 7) & 0x9d2c5680
    y ^= (y << 15) & 0xefc60000
    return (y ^ (y >>> 18)) >>> 0
  }

  private twist(): void {
    const words = this.words
    for (let i = 0; i < stateSize; i++) {
      const joined = ((words[i] as number) & 0x80000000) | ((words[(i + 1) % stateSize] as number) & 0x7fffffff)
      const far = words[(i + shiftSize) % stateSize] as number
      words[i] = far ^ (joined >>> 1) ^ (joined & 1 ? 0x9908b0df : 0)
    }
    this.index = 0
  }
}

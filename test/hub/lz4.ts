/** Decoding of LZ4 frames and of Xet's byte grouping, as the chunks of a xorb are stored. */

/** @throws Error for what is no LZ4 frame */
export function decodeLz4Frame(source: Uint8Array, size: number): Uint8Array {
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength)
  if (view.getUint32(0, true) !== 0x184d2204) throw new Error("This is no LZ4 frame.")
  const flags = view.getUint8(4)
  const blockChecksums = (flags & 0x10) !== 0
  let at = 7 + ((flags & 0x08) === 0 ? 0 : 8) + ((flags & 0x01) === 0 ? 0 : 4)
  const output = new Uint8Array(size)
  let written = 0
  for (;;) {
    const header = view.getUint32(at, true)
    at += 4
    if (header === 0) return output.subarray(0, written)
    const length = header & 0x7fffffff
    const block = source.subarray(at, at + length)
    if (header >>> 31 === 1) {
      output.set(block, written)
      written += length
    } else written = decodeBlock(block, output, written)
    at += length + (blockChecksums ? 4 : 0)
  }
}

/** @returns where the output ends now; matches may reach back into earlier blocks */
function decodeBlock(block: Uint8Array, output: Uint8Array, start: number): number {
  let from = 0
  let to = start
  const next = () => block[from++] ?? 0
  const length = (nibble: number) => {
    if (nibble < 15) return nibble
    let total = nibble
    for (;;) {
      const more = next()
      total += more
      if (more < 255) return total
    }
  }
  while (from < block.length) {
    const token = next()
    const literals = length(token >> 4)
    output.set(block.subarray(from, from + literals), to)
    from += literals
    to += literals
    if (from >= block.length) break
    const distance = next() | (next() << 8)
    const copied = length(token & 15) + 4
    for (let index = 0; index < copied; index += 1, to += 1) output[to] = output[to - distance] ?? 0
  }
  return to
}

/** Undoes the grouping of every fourth byte, which makes tensors compress better. */
export function regroupBytes(grouped: Uint8Array): Uint8Array {
  const output = new Uint8Array(grouped.length)
  let from = 0
  for (let first = 0; first < 4; first += 1)
    for (let to = first; to < output.length; to += 4) output[to] = grouped[from++] ?? 0
  return output
}

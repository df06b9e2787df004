/** Pictures that look like no other, as PNG, without a decoder's package: coloured noise over a wave, from a seed. */

import { crc32, deflateSync } from "node:zlib"

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data])
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, check])
}

export function picture(seed: number, width = 128, height = width): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  // 8 bits each of red, green and blue.
  header.set([8, 2], 8)
  const line = 1 + 3 * width
  const rows = Buffer.alloc(line * height)
  let state = seed * 2654435761 + 1
  for (let i = 0; i < rows.length; i++) {
    // Each row begins with the number of its filter: none.
    if (i % line === 0) continue
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    const x = Math.floor((i % line) / 3)
    const y = Math.floor(i / line)
    const wave = Math.sin((x * (1 + (seed % 7))) / 9) + Math.sin((y * (1 + (seed % 11))) / 7 + seed) + 2
    rows[i] = (state >>> 24) / 2 + wave * 30
  }
  const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1")
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ])
}

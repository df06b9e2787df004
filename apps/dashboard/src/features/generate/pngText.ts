/** The texts inside a PNG, read in the browser, so that a picture need not be sent anywhere to recall its settings. */

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

/** @returns keyword → text of tEXt, zTXt and iTXt chunks; undefined when it is no PNG. */
export async function readPngTexts(bytes: Uint8Array<ArrayBuffer>): Promise<Map<string, string> | undefined> {
  if (!signature.every((byte, index) => bytes[index] === byte)) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const texts = new Map<string, string>()
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at)
    const type = latin1(bytes.subarray(at + 4, at + 8))
    const data = bytes.subarray(at + 8, at + 8 + length)
    if (type === "IEND") break
    if (type === "tEXt" || type === "zTXt" || type === "iTXt") {
      const entry = await readText(type, data)
      if (!texts.has(entry.keyword)) texts.set(entry.keyword, entry.text)
    }
    at += 12 + length
  }
  return texts
}

async function readText(
  type: "tEXt" | "zTXt" | "iTXt",
  data: Uint8Array<ArrayBuffer>,
): Promise<{ keyword: string; text: string }> {
  const end = data.indexOf(0)
  const keyword = latin1(data.subarray(0, end))
  if (type === "tEXt") return { keyword, text: latin1(data.subarray(end + 1)) }
  if (type === "zTXt") return { keyword, text: latin1(await inflate(data.subarray(end + 2))) }
  const compressed = data[end + 1] === 1
  // After the two flags come the language and the translated keyword, each ended by a zero.
  const language = data.indexOf(0, end + 3)
  const body = data.subarray(data.indexOf(0, language + 1) + 1)
  return { keyword, text: new TextDecoder().decode(compressed ? await inflate(body) : body) }
}

const latin1 = (bytes: Uint8Array): string => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")

async function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

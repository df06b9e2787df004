/** What kind of picture some bytes are, by their first ones: names lie. */

const signatures: readonly (readonly [extension: string, pattern: RegExp])[] = [
  ["jpg", /^\xff\xd8\xff/],
  ["png", /^\x89PNG\r\n/],
  ["webp", /^RIFF[\s\S]{4}WEBP/],
  ["gif", /^GIF8[79]a/],
  ["bmp", /^BM/],
  ["tif", /^(?:II\*\0|MM\0\*)/],
  ["avif", /^[\s\S]{4}ftyp(?:avif|avis)/],
  ["heic", /^[\s\S]{4}ftyp(?:heic|heix|mif1|msf1)/],
]

/** The usual ending of such a file's name, undefined where the bytes are no picture that is known. */
export function imageExtension(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, 16)).toString("latin1")
  return signatures.find(([, pattern]) => pattern.test(head))?.[0]
}

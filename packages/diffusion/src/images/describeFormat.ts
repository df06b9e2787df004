/** What the first bytes of a file say it is. Only for messages: whether it is usable is decided by decoding it. */
export interface FormatDescription {
  /** Reads well after "is". */
  readonly name: string
  readonly supported: boolean
  readonly known: boolean
}

const heicBrands = new Set(["heic", "heix", "hevc", "hevx", "heim", "heis", "mif1", "msf1"])

export function describeFormat(bytes: Uint8Array): FormatDescription {
  const latin = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 1024)).toString("latin1")
  const supported = (name: string): FormatDescription => ({ name, supported: true, known: true })
  const other = (name: string): FormatDescription => ({ name, supported: false, known: true })

  if (latin.startsWith("\xff\xd8\xff")) return supported("JPEG")
  if (latin.startsWith("\x89PNG\r\n\x1a\n")) return supported("PNG")
  if (latin.startsWith("GIF8")) return supported("GIF")
  if (latin.startsWith("RIFF") && latin.slice(8, 12) === "WEBP") return supported("WebP")
  if (latin.slice(4, 8) === "ftyp") {
    const brand = latin.slice(8, 12)
    if (brand.startsWith("avi")) return supported("AVIF")
    if (heicBrands.has(brand)) return other("a HEIC photo (as iPhones take them)")
    return other("a video or another ISO media file")
  }
  if (latin.startsWith("BM")) return other("a BMP picture")
  if (latin.startsWith("II*\0") || latin.startsWith("MM\0*")) return other("a TIFF or camera raw picture")
  if (latin.startsWith("8BPS")) return other("a Photoshop file")
  if (latin.startsWith("\xff\x0a") || latin.slice(4, 8) === "JXL ") return other("a JPEG XL picture")
  if (latin.startsWith("%PDF")) return other("a PDF document")
  if (latin.startsWith("PK\x03\x04")) return other("a ZIP archive")
  const text = latin.replace(/^\xef\xbb\xbf/, "").trimStart()
  if (/^(<\?xml|<!--|<!doctype svg|<svg)/i.test(text) && /<svg|<!doctype svg/i.test(text))
    return other("an SVG drawing")
  if (/^<(!doctype html|html|head|body|script)/i.test(text)) return other("a web page (HTML)")
  return { name: "not a picture of a known kind", supported: false, known: false }
}

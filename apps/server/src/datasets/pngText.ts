/** Settings of generated pictures in the text chunks of PNG files: Fjord's JSON, or A1111's `parameters`. */

const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1")

/** keyword → text of tEXt and uncompressed iTXt chunks. Damaged files give what stands before the damage. */
export function pngTexts(bytes: Buffer): Map<string, string> {
  const texts = new Map<string, string>()
  if (!bytes.subarray(0, 8).equals(signature)) return texts
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at)
    const type = bytes.toString("latin1", at + 4, at + 8)
    const data = bytes.subarray(at + 8, at + 8 + length)
    if (data.length < length || type === "IEND") break
    const end = data.indexOf(0)
    const keyword = data.toString("latin1", 0, Math.max(0, end))
    if (type === "tEXt" && end > 0) texts.set(keyword, data.toString("latin1", end + 1))
    // keyword 0 compressed? method language 0 translated keyword 0 text
    if (type === "iTXt" && end > 0 && data[end + 1] === 0) {
      const language = data.indexOf(0, end + 3)
      const translated = data.indexOf(0, language + 1)
      if (language > 0 && translated > 0) texts.set(keyword, data.toString("utf8", translated + 1))
    }
    at += 12 + length
  }
  return texts
}

export type ImageSettings = { readonly [name: string]: string | number }

const numbers: Readonly<Record<string, string>> = { Steps: "steps", "CFG scale": "guidanceScale", Seed: "seed" }

/** A1111: the prompt, `Negative prompt: …`, then `Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512, …`. */
function readParameters(text: string): ImageSettings {
  const lines = text.split("\n")
  const last = /^Steps: \d/.test(lines.at(-1) ?? "") ? (lines.pop() ?? "") : ""
  const [prompt = "", ...negative] = lines.join("\n").split("\nNegative prompt:")
  const settings: Record<string, string | number> = { prompt: prompt.trim(), negativePrompt: negative.join("").trim() }
  for (const [, name = "", value = ""] of last.matchAll(/\s*([\w ]+):\s*("(?:\\.|[^"])*"|[^,]*)(?:,|$)/g)) {
    const ours = numbers[name.trim()]
    if (ours !== undefined && Number.isFinite(Number(value))) settings[ours] = Number(value)
    const size = /^(\d+)x(\d+)$/.exec(value)
    if (name.trim() === "Size" && size !== null)
      Object.assign(settings, { width: Number(size[1]), height: Number(size[2]) })
    if (name.trim() === "Sampler") settings.sampler = value
    if (name.trim() === "Model") settings.model = value
  }
  return settings
}

/** @returns null where the picture says nothing. */
export function imageSettingsOf(bytes: Buffer): ImageSettings | null {
  const texts = pngTexts(bytes)
  const ours = texts.get("fjord")
  if (ours !== undefined)
    try {
      const parsed: unknown = JSON.parse(ours)
      if (typeof parsed === "object" && parsed !== null) {
        const plain = Object.entries(parsed).filter(
          ([, value]) => typeof value === "string" || typeof value === "number",
        )
        return Object.fromEntries(plain)
      }
    } catch {
      // Not ours after all; perhaps the other one is there.
    }
  const parameters = texts.get("parameters")
  return parameters === undefined ? null : readParameters(parameters)
}

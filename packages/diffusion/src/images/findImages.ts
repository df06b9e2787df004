import { readdir, stat } from "node:fs/promises"
import { join } from "node:path"
import { isPlainName, readMetadataCaptions, readSidecarCaption } from "./captions.ts"
import { type DecodeOptions, decodeImage } from "./decodeImage.ts"
import { ImageError } from "./rgbImage.ts"

export interface FoundImage {
  /** Name within the folder. */
  readonly file: string
  readonly path: string
  /** Of the picture as trained on: upright. */
  readonly width: number
  readonly height: number
  readonly caption?: string
  readonly warnings: readonly string[]
}

export interface FoundImages {
  readonly usable: readonly FoundImage[]
  readonly refused: readonly { readonly file: string; readonly reason: string }[]
}

/** Names that promise a picture; whether it is one is seen by decoding it. */
const pictureName = /\.(?:jpe?g|png|webp|gif|avif|jfif|heic|heif|bmp|svg|tiff?|psd|jxl|dng|cr2|nef|arw)$/i

/**
 * The pictures directly in a folder, each decoded once in full, in code-point order of their names (the same on every
 * machine). Captions come from NAME.txt beside the picture or else from metadata.jsonl / metadata.csv.
 *
 * @param onProgress is told of each picture that has been looked at, of `total`.
 * @throws ImageError when the folder cannot be listed. What is wrong with one picture is in `refused`.
 */
export async function findImages(
  folder: string,
  options: Omit<DecodeOptions, "name"> = {},
  onProgress?: (done: number, total: number) => void,
): Promise<FoundImages> {
  const names = await listFolder(folder)
  const metadata = await readMetadataCaptions(folder)
  const usable: FoundImage[] = []
  const refused = [...metadata.refused]
  const pictures = names.filter((name) => isPlainName(name) && pictureName.test(name))
  for (const [i, file] of pictures.entries()) {
    onProgress?.(i, pictures.length)
    try {
      const path = await plainFile(folder, file)
      const caption = (await readSidecarCaption(folder, file)) ?? metadata.byFile.get(file)
      const { width, height, warnings } = await decodeImage(path, { ...options, name: file })
      usable.push({ file, path, width, height, warnings, ...(caption === undefined ? {} : { caption }) })
    } catch (error) {
      refused.push({ file, reason: reasonOf(error) })
    }
  }
  for (const file of metadata.byFile.keys()) {
    if (!pictures.includes(file)) refused.push({ file, reason: `${file} has a caption but is not in the folder.` })
  }
  return { usable, refused }
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort(byCodePoint)
  } catch (error) {
    throw new ImageError(`The folder ${folder} cannot be listed: ${error instanceof Error ? error.message : error}.`)
  }
}

/** JavaScript sorts by UTF-16 unit, which puts emoji before some letters; UTF-8 bytes sort as code points do. */
function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

/** Links are followed, as the Hub's cache has them, but to plain files only: reading a pipe would wait for ever. */
async function plainFile(folder: string, file: string): Promise<string> {
  const path = join(folder, file)
  const found = await stat(path).catch(() => null)
  if (found?.isFile()) return path
  throw new ImageError(`${file} is ${found === null ? "a link that leads nowhere" : "no plain file"}.`)
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/\.?$/, ".") : String(error)
}

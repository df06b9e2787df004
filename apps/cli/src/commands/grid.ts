/** `fjord grid`: a contact sheet of images. */

import { existsSync, statSync } from "node:fs"
import { Sentence } from "../sentence.ts"
import { sayWritten } from "../written.ts"

type GridFlags = { readonly out: string; readonly columns?: string; readonly json: boolean }

/** Pastes the images of the folders and files side by side, in rows of `--columns` or nearly square. */
export async function grid(paths: readonly string[], flags: GridFlags): Promise<void> {
  for (const path of paths) {
    if (!existsSync(path)) throw new Sentence(`${path} does not exist.`)
  }
  const files = (await Promise.all(paths.map(filesOf))).flat()
  const columns = flags.columns === undefined ? Math.ceil(Math.sqrt(files.length)) : Number(flags.columns)
  if (!Number.isSafeInteger(columns) || columns < 1)
    throw new Sentence(`fjord grid: --columns must be a whole number of at least 1, got ${flags.columns}.`)
  if (existsSync(flags.out)) throw new Sentence(`${flags.out} exists already; choose another file or move it away.`)
  const { contactSheet } = await import("@fjord/diffusion")
  await contactSheet(files, flags.out, columns)
  sayWritten(flags.out, `${files.length} images in ${flags.out}`, flags)
}

/** @throws Sentence when a folder holds no usable picture, with the reasons. */
async function filesOf(path: string): Promise<string[]> {
  if (!statSync(path).isDirectory()) return [path]
  const { findImages } = await import("@fjord/diffusion")
  const { usable, refused } = await findImages(path, { minSide: 1 })
  if (usable.length > 0) return usable.map((image) => image.path)
  const reasons = refused.map(({ file, reason }) => `${file}: ${reason}`).join("; ")
  throw new Sentence(`${path} holds no usable picture${reasons === "" ? "" : ` (${reasons})`}.`)
}

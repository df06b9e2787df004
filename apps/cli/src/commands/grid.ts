/** `fjord grid`: a contact sheet of images. */

import { existsSync, statSync } from "node:fs"
import { createProgress } from "../progress.ts"
import { requireWritable } from "../requireWritable.ts"
import { Sentence } from "../sentence.ts"
import { sayWritten } from "../written.ts"

type GridFlags = { readonly out: string; readonly columns?: string; readonly json: boolean }

/** Pastes the images of the folders and files side by side, in rows of `--columns` or nearly square. */
export async function grid(paths: readonly string[], flags: GridFlags): Promise<void> {
  for (const path of paths) {
    if (!existsSync(path)) throw new Sentence(`${path} does not exist.`)
  }
  const show = createProgress(process.stdout, flags)
  const leaveOut = (reason: string) => show({ type: "Message", level: "warning", text: `left out: ${reason}` })
  const files: string[] = []
  for (const path of paths) files.push(...(await filesOf(path, leaveOut)))
  const columns = flags.columns === undefined ? Math.ceil(Math.sqrt(files.length)) : Number(flags.columns)
  if (!Number.isSafeInteger(columns) || columns < 1)
    throw new Sentence(`fjord grid: --columns must be a whole number of at least 1, got ${flags.columns}.`)
  if (existsSync(flags.out)) throw new Sentence(`${flags.out} exists already; choose another file or move it away.`)
  requireWritable(flags.out, "choose another place with --out")
  const { contactSheet } = await import("@fjord/diffusion")
  await contactSheet(files, flags.out, columns)
  sayWritten(flags.out, `${files.length} images in ${flags.out}`, flags)
}

/**
 * @param leaveOut hears of each picture of a folder that cannot be used
 * @throws Sentence when a folder holds no usable picture, with the reasons.
 */
async function filesOf(path: string, leaveOut: (reason: string) => void): Promise<string[]> {
  if (!statSync(path).isDirectory()) return [path]
  const { findImages } = await import("@fjord/diffusion")
  const { usable, refused } = await findImages(path, { minSide: 1, maxAspect: Number.POSITIVE_INFINITY })
  const reasons = refused.map(({ reason }) => reason)
  if (usable.length === 0) throw new Sentence([`${path} holds no usable picture.`, ...reasons].join(" "))
  for (const reason of reasons) leaveOut(reason)
  return usable.map((image) => image.path)
}

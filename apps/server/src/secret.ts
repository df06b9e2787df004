/** The studio's secret: given, or made once and kept where only its owner reads it. */

import { randomBytes } from "node:crypto"
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"

/** The file beside the data that holds the secret; scripts that start workers hand it to them. */
export async function studioSecret(given: string | undefined, folder: string): Promise<string> {
  if (given !== undefined) return given
  const path = join(folder, "secret")
  const known = await readFile(path, "utf8").catch(() => undefined)
  if (known !== undefined && known.trim().length >= 32) return known.trim()
  await mkdir(folder, { recursive: true })
  const partial = `${path}.${process.pid}`
  await writeFile(partial, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600, flush: true })
  // Of two servers that begin at once one makes it: a link is made only where there is none.
  await link(partial, path).catch(() => {})
  await rm(partial, { force: true })
  return (await readFile(path, "utf8")).trim()
}

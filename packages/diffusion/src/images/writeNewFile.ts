/** Files that appear whole or not at all under a name that is free. */

import { rm, writeFile } from "node:fs/promises"

/** @throws EEXIST where the name is taken, and one sentence where the disk is full; then nothing is left behind. */
export async function writeNewFile(file: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(file, bytes, { flag: "wx" })
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined
    if (code === "EEXIST") throw error
    // What was cut short is no picture, and would take the name.
    await rm(file, { force: true })
    if (code !== "ENOSPC" && code !== "EDQUOT") throw error
    throw new Error(`The disk is full: ${file} needs ${bytes.length} bytes. Free some space and try again.`, {
      cause: error,
    })
  }
}

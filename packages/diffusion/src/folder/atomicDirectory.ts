/** Directories that appear whole or not at all, also when the process or the machine dies while writing. */
import { lstat, mkdir, open, readdir, rename, rm } from "node:fs/promises"
import { basename, dirname, join } from "node:path"

const leftover = /^\..+\.(partial|replaced)$/

/** Flushes a file or directory to the disk; Windows cannot open directories, and does not need it. */
async function flush(path: string, isDirectory: boolean): Promise<void> {
  if (isDirectory && process.platform === "win32") return
  await using handle = await open(path, isDirectory ? "r" : "r+")
  await handle.sync()
}

async function flushTree(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) await flushTree(path)
    else if (entry.isFile()) await flush(path, false)
  }
  await flush(directory, true)
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null)) !== null
}

/**
 * Makes the directory `target` with what `fill` writes into the temporary directory it is given: beside the target,
 * everything is flushed to the disk, then renamed. A target that exists is replaced. When `fill` fails, nothing is left.
 * One process at a time may write a target.
 */
export async function writeDirectoryAtomically(
  target: string,
  fill: (temporary: string) => Promise<void>,
): Promise<void> {
  const parent = dirname(target)
  const temporary = join(parent, `.${basename(target)}.partial`)
  const replaced = join(parent, `.${basename(target)}.replaced`)
  await mkdir(parent, { recursive: true })
  await rm(temporary, { recursive: true, force: true })
  await mkdir(temporary)
  try {
    await fill(temporary)
    await flushTree(temporary)
    if (await exists(target)) {
      await rm(replaced, { recursive: true, force: true })
      await rename(target, replaced)
    }
    await rename(temporary, target)
    await flush(parent, true)
  } catch (error) {
    if ((await exists(replaced)) && !(await exists(target))) await rename(replaced, target)
    await rm(temporary, { recursive: true, force: true })
    throw error
  }
  await rm(replaced, { recursive: true, force: true })
}

/**
 * Tidies up after writes that were killed: removes half-written directories; one that was being replaced and whose
 * successor never arrived is put back. Returns the names that were found.
 */
export async function removeLeftovers(parent: string): Promise<string[]> {
  const found: string[] = []
  for (const name of (await readdir(parent).catch(() => [])).sort()) {
    if (!leftover.test(name)) continue
    found.push(name)
    const original = join(parent, name.slice(1, -".replaced".length))
    if (name.endsWith(".replaced") && !(await exists(original))) await rename(join(parent, name), original)
    else await rm(join(parent, name), { recursive: true, force: true })
  }
  return found
}

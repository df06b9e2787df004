/** A folder that appears whole or not at all. */

import { existsSync } from "node:fs"
import { mkdir, rename, rm } from "node:fs/promises"
import { basename, dirname, join, resolve } from "node:path"
import { HubError } from "./hubError.ts"

/**
 * Lets `write` fill a hidden folder beside the target and then gives it its name; what failed leaves nothing.
 * @throws HubError when the target exists
 */
export async function writeFolder<Result>(folder: string, write: (draft: string) => Promise<Result>): Promise<Result> {
  const target = resolve(folder)
  refuseExisting(folder)
  const draft = join(dirname(target), `.${basename(target)}-${crypto.randomUUID()}`)
  await mkdir(draft, { recursive: true })
  try {
    const result = await write(draft)
    await rename(draft, target)
    return result
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

/** @throws HubError when the folder exists */
export function refuseExisting(folder: string): void {
  if (existsSync(resolve(folder)))
    throw new HubError("exists", `${folder} exists already; choose another folder, or move that one away.`)
}

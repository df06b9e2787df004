/** `fjord new-model`: writes a model of random weights in the real shapes, for benchmarks and tests. */

import { existsSync, readdirSync } from "node:fs"
import { rm } from "node:fs/promises"
import { requireWritable } from "../requireWritable.ts"
import { Sentence } from "../sentence.ts"
import { sayWritten } from "../written.ts"

const kinds = ["sd15", "sd21", "tiny"] as const
type Kind = (typeof kinds)[number]

function isKind(text: string): text is Kind {
  return kinds.some((kind) => kind === text)
}

/** @throws Sentence for an unknown kind, a folder with something in it, or a seed that is no whole number. */
export async function createModel(
  kind: string,
  directory: string,
  flags: { readonly seed: string; readonly json: boolean },
): Promise<void> {
  if (!isKind(kind)) throw new Sentence(`fjord new-model makes ${kinds.join(", ")}, got ${kind}.`)
  const seed = Number(flags.seed)
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new Sentence(`fjord new-model: --seed must be a whole number of at least 0, got ${flags.seed}.`)
  if (existsSync(directory) && readdirSync(directory).length > 0)
    throw new Sentence(`${directory} already holds files; choose a new folder for the model.`)
  requireWritable(directory, "choose another folder")
  const { newModel } = await import("@fjord/diffusion")
  const isNew = !existsSync(directory)
  try {
    await newModel(kind, directory, seed)
  } catch (error) {
    // Half a model would be taken for somebody's files the next time.
    if (isNew) await rm(directory, { recursive: true, force: true })
    throw error
  }
  sayWritten(directory, `A ${kind} model with random weights lies in ${directory}.`, flags)
}

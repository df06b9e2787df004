/** What all conversions have in common: progress, stopping, refusing to overwrite, and what they report. */

import { readdir, stat } from "node:fs/promises"
import type { StreamedTensor } from "@fjord/engine"

export interface TransferOptions {
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined
  /** Stops between two pieces; what was written so far is removed. */
  readonly signal?: AbortSignal | undefined
}

export interface TransferProgress {
  /** The file that is being written, relative to the result. */
  readonly file: string
  readonly doneBytes: number
  readonly totalBytes: number
}

export interface TransferResult {
  /** The folder or file that was written. */
  readonly output: string
  /** Sentences on what was left out, guessed or changed. */
  readonly notes: readonly string[]
}

const typeBytes: Readonly<Record<string, number>> = { F32: 4, F16: 2, BF16: 2 }

/** The same tensors, reporting what has been written of them. */
export function watched(
  file: string,
  tensors: readonly StreamedTensor[],
  { onProgress, signal }: TransferOptions,
): StreamedTensor[] {
  const sizes = tensors.map(({ shape, dataType }) => shape.reduce((n, m) => n * m, typeBytes[dataType] ?? 8))
  const totalBytes = sizes.reduce((sum, size) => sum + size, 0)
  let doneBytes = 0
  // Whoever adds files up knows the sum before the first is written.
  onProgress?.({ file, doneBytes, totalBytes })
  return tensors.map((tensor) => ({
    ...tensor,
    async *bytes() {
      for await (const piece of tensor.bytes()) {
        signal?.throwIfAborted()
        yield piece
        doneBytes += piece.byteLength
        onProgress?.({ file, doneBytes, totalBytes })
      }
    },
  }))
}

/** @throws one sentence where something is there already: nothing is ever overwritten. */
export async function refuseExisting(path: string): Promise<void> {
  const found = await stat(path).catch(() => null)
  if (found === null || (found.isDirectory() && (await readdir(path)).length === 0)) return
  throw new Error(`${path} exists already; choose another place or move it away.`)
}

const pickle = /\.(ckpt|bin|pt|pth|pkl)$/i

/** @throws one sentence for files that can run code when they are opened. */
export function refusePickle(path: string): void {
  if (pickle.test(path)) throw pickleRefused(path)
}

export const pickleRefused = (path: string): Error =>
  new Error(
    `${path} is a pickle, which is never read because opening it can run code; convert it to safetensors ` +
      "(the Hub's safetensors/convert space does) or take a version that is .safetensors.",
  )

/** The first few of a list, for a sentence. */
export function listed(keys: readonly string[], shown = 5): string {
  return keys.slice(0, shown).join(", ") + (keys.length > shown ? ` and ${keys.length - shown} more` : "")
}

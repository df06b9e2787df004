/** A large file, and by how much the memory of a process rises that pushes or pulls it. */

import { execFile } from "node:child_process"
import { randomFillSync } from "node:crypto"
import { closeSync, openSync, writeSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import type { StandIn } from "../../../../test/hub/standIn.ts"

type Work = "push" | "push by xet" | "pull"

/** Random bytes: equal ones would be sent once by Xet, and orderly ones compressed. */
export function writeLargeFile(file: string, bytes: number): void {
  const handle = openSync(file, "w")
  const piece = Buffer.alloc(1 << 22)
  for (let left = bytes; left > 0; left -= piece.length)
    writeSync(handle, randomFillSync(piece), 0, Math.min(left, piece.length))
  closeSync(handle)
}

/** @returns what it took, with the file `model.safetensors` of anna/large */
export async function memoryOf(
  work: Work,
  { endpoint, token }: StandIn,
  cacheFolder: string,
  file: string,
): Promise<{ readonly bytes: number; readonly seconds: number }> {
  const program = fileURLToPath(new URL("memory.fixture.ts", import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [program, work, endpoint, token, cacheFolder, file])
  return JSON.parse(stdout)
}

import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { convert } from "./convert.ts"
import { downloads } from "./downloads.ts"
import type { TransferHandler } from "./transferHandler.ts"

/** A contact sheet of pictures of the studio, to be downloaded. */
export const makeGrid: TransferHandler<"makeGrid"> = async (job, { hashes, columns, format }) => {
  const [pictures, result] = [join(job.scratch, "pictures"), join(job.scratch, "result")]
  for (const folder of [pictures, result]) await mkdir(folder)
  const files: string[] = []
  for (const [i, hash] of hashes.entries()) {
    const file = join(pictures, String(i))
    await job.studio.files.copyTo(hash, file)
    files.push(file)
  }
  await convert(job, { kind: "grid", files, columns, output: join(result, `grid.${format === "png" ? "png" : "jpg"}`) })
  return downloads(job, result)
}

/** The concept that ships with Fjord, to try everything at once. */

import { readdir } from "node:fs/promises"
import { join } from "node:path"
import type { Concept } from "@fjord/db/prisma"
import { requireRole } from "../access.ts"
import type { Context } from "../context.ts"
import { ConflictError } from "../expectedError.ts"
import { createConcept } from "./concepts.ts"
import { createDataset, sampleName } from "./datasets.ts"
import { keepPicture } from "./keepPicture.ts"

export async function createSampleConcept(context: Context, teamId: string): Promise<Concept> {
  requireRole(context, teamId, "EDITOR")
  const folder = context.sampleConcept
  const names = (await readdir(folder).catch(() => [])).filter((name) => /\.(png|jpe?g)$/.test(name)).sort()
  if (names.length === 0) throw new ConflictError("The sample pictures are not on this machine.")
  const name = sampleName
  const dataset = await createDataset(context, { teamId, name })
  for (const file of names) {
    const picture = { name: file, file: join(folder, file), caption: undefined }
    const kept = await keepPicture(
      context,
      { teamId, datasetId: dataset.id },
      picture,
      join(context.incoming, `sample-${dataset.id}`),
    )
    if ("problem" in kept) throw new Error(`The sample picture ${file} was refused: ${kept.problem}`)
  }
  return createConcept(context, { teamId, name, identifier: "sks", classNoun: "robot", datasetId: dataset.id })
}

/** Class images of prior preservation: made once per team and all that they follow from, then kept in the file store. */

import { createHash } from "node:crypto"
import { mkdir, readdir } from "node:fs/promises"
import { join } from "node:path"
import type { TrainingConfig } from "@fjord/contracts"
import { recordFile } from "@fjord/db"
import type { Job } from "./job.ts"
import { layOut } from "./materialise.ts"

export type ClassImageSet = {
  readonly key: string
  /** Names of the images that are stored. */
  readonly stored: Set<string>
}

function keyOf({ run }: Job, config: TrainingConfig): string {
  const { classPrompt, seed, resolution, threads, provider } = config
  const { validationScheduler, validationInferenceSteps, classGuidanceScale } = config
  const sampling = [validationScheduler, validationInferenceSteps, classGuidanceScale]
  const identity = [run.baseModelId, classPrompt, seed, resolution, threads, provider, ...sampling]
  return createHash("sha256").update(JSON.stringify(identity)).digest("hex")
}

/** Lays out the images that there are. */
export async function findClassImages(job: Job, config: TrainingConfig): Promise<ClassImageSet> {
  const set = { key: keyOf(job, config), stored: new Set<string>() }
  if (config.classImages === undefined) return set
  await mkdir(config.classImages, { recursive: true })
  const { studio, run } = job
  const rows = await studio.database.classImage.findMany({
    where: { teamId: run.teamId, key: set.key },
    orderBy: { name: "asc" },
    take: config.numClassImages,
  })
  await layOut(
    studio.files,
    config.classImages,
    rows.map(({ name, hash }) => ({ path: name, hash })),
  )
  for (const { name } of rows) set.stored.add(name)
  return set
}

/** Stores the images that were made since. */
export async function storeClassImages(job: Job, config: TrainingConfig, set: ClassImageSet): Promise<void> {
  if (config.classImages === undefined) return
  const { studio, run } = job
  const { key, stored } = set
  for (const name of (await readdir(config.classImages)).sort()) {
    if (!name.endsWith(".png") || stored.has(name)) continue
    const file = await studio.files.putFile(join(config.classImages, name))
    await studio.database.$transaction(async (transaction) => {
      await recordFile(transaction, studio.files, { ...file, mediaType: "image/png" }, run.teamId)
      await transaction.classImage.createMany({
        data: [{ teamId: run.teamId, key, name, hash: file.hash }],
        skipDuplicates: true,
      })
    })
    stored.add(name)
  }
}

/** A model made of a checkpoint. */

import { randomUUID } from "node:crypto"
import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { completeTraining, trainingRunConfig } from "@fjord/contracts"
import { runInChild } from "@fjord/diffusion"
import { AdvisedError } from "./failure.ts"
import type { Job } from "./job.ts"
import { layOut } from "./materialise.ts"
import { baseCommitOf, baseModelFolder } from "./models.ts"

export type PromotedCheckpoint = {
  readonly folder: string
  /** Paths of files and folders. */
  readonly files: readonly string[]
  readonly kind: "FULL" | "LORA"
  readonly step: number
  readonly runId: string
  readonly baseModelId: string
  readonly instancePrompt: string | null
  /** Hub commit of the base model that its run was trained on. */
  readonly baseCommit: string | undefined
}

/** Writes the result of a checkpoint into a folder of this attempt. */
export async function layOutPromoted(job: Job, checkpointId: string): Promise<PromotedCheckpoint> {
  const { studio, scratch, owned } = job
  const checkpoint = await studio.database.checkpoint.findUnique({
    where: { id: checkpointId },
    include: { files: true, run: true },
  })
  const baseModelId = checkpoint?.run.baseModelId ?? null
  if (checkpoint === null || baseModelId === null)
    throw new AdvisedError(
      "The checkpoint, or the base model of its run, does not exist any more.",
      "Old checkpoints of a run are removed when newer ones are saved.",
      "Choose another checkpoint.",
    )
  const { run, step } = checkpoint
  const { options } = trainingRunConfig.parse(run.config)
  const baseCommit = baseCommitOf(run.config)
  const folder = join(scratch, `checkpoint-${randomUUID()}`)
  await mkdir(folder, { recursive: true })
  await layOut(studio.files, join(folder, "checkpoints", `step-${String(step).padStart(8, "0")}`), checkpoint.files)
  const config = completeTraining(options, {
    model: await baseModelFolder(job, baseModelId, baseCommit),
    instanceImages: folder,
    output: folder,
    classImages: folder,
  })
  const files: string[] = []
  for await (const event of runInChild({ kind: "promote", config }, { signal: owned.stop, kill: owned.kill }))
    if (event.type === "RunFinished") files.push(...event.files)
  owned.stop.throwIfAborted()
  const instancePrompt = options.instancePrompt ?? null
  const kind = config.method === "lora" ? "LORA" : "FULL"
  return { folder, files, kind, step, runId: run.id, baseModelId, instancePrompt, baseCommit }
}

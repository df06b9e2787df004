/** A training run: its files laid out, its compute process driven, what it makes stored. */

import { randomUUID } from "node:crypto"
import { mkdir, readdir } from "node:fs/promises"
import { join } from "node:path"
import {
  completeTraining,
  datasetManifest,
  type EventOf,
  type FjordEvent,
  type TrainingConfig,
  type TrainingRunOptions,
  trainingRunConfig,
} from "@fjord/contracts"
import { recordFile, transitionRun } from "@fjord/db"
import { runInChild } from "@fjord/diffusion"
import { findClassImages, storeClassImages } from "./classImages.ts"
import { AdvisedError } from "./failure.ts"
import type { Handler, Job } from "./job.ts"
import { layOut, layOutDataset } from "./materialise.ts"
import { pinnedBaseModel } from "./models.ts"
import { pinThreads } from "./pinThreads.ts"
import { createModel, storeTree } from "./trainingResult.ts"

export const train: Handler = async (job) => {
  const { studio, run, owned, recorder, scratch } = job
  recorder.later({ type: "PhaseProgressed", phase: "files" })
  const { options } = trainingRunConfig.parse(await pinThreads(job))
  const config = completeTraining(options, {
    model: await modelOf(job),
    instanceImages: join(scratch, "images"),
    output: join(scratch, "output"),
    classImages: join(scratch, "class"),
  })
  await layOutDataset(studio.files, config.instanceImages, await manifestOf(job))
  await layOutCheckpoint(job, config.output)
  const classImages = await findClassImages(job, config)
  await recorder.flush()

  const events = runInChild(
    { kind: "train", config, resume: true },
    { signal: owned.stop, kill: owned.kill, onStart: (ask) => owned.onWish(ask) },
  )
  for await (const event of events) {
    switch (event.type) {
      case "CheckpointSaved":
        await saveCheckpoint(job, event, config.checkpointsTotalLimit)
        break
      case "SampleRendered":
        await saveSample(job, event, config)
        break
      case "ClassImageGenerated":
        await storeClassImages(job, config, classImages)
        recorder.later(event)
        break
      case "RunFinished":
        await finish(job, event, config, options)
        break
      case "ImageSaved":
        throw new Error("A training makes no images of its own.")
      default:
        recorder.later(event satisfies Exclude<FjordEvent, { type: "ImageSaved" }>)
    }
  }
  await recorder.flush()
  job.log.debug({ runId: run.id }, "the compute process has ended")
}

async function modelOf(job: Job): Promise<string> {
  const { run } = job
  if (run.baseModelId !== null) return pinnedBaseModel(job, run.baseModelId)
  throw new AdvisedError(
    "The run has no base model any more.",
    "It was deleted after the run was asked for.",
    "Retry the run with another base model.",
  )
}

async function manifestOf({ studio, run }: Job) {
  const version =
    run.datasetVersionId === null
      ? null
      : await studio.database.datasetVersion.findUnique({ where: { id: run.datasetVersionId } })
  if (version !== null) return datasetManifest.parse(version.manifest)
  throw new AdvisedError(
    "The run has no pictures any more.",
    "Its data set was deleted after the run was asked for.",
    "Retry the run with another data set.",
  )
}

/** The newest checkpoint of the run, where the training looks for it. */
async function layOutCheckpoint({ studio, run }: Job, output: string) {
  await mkdir(join(output, "checkpoints"), { recursive: true })
  const checkpoint = await studio.database.checkpoint.findFirst({
    where: { runId: run.id },
    orderBy: { step: "desc" },
    include: { files: true },
  })
  if (checkpoint === null) return
  const folder = join(output, "checkpoints", `step-${String(checkpoint.step).padStart(8, "0")}`)
  await layOut(studio.files, folder, checkpoint.files)
}

async function saveCheckpoint(job: Job, { step, folder }: EventOf<"CheckpointSaved">, keep: number) {
  const { studio, run, recorder } = job
  const paths = (await readdir(folder)).sort().map((name) => join(folder, name))
  const files = await storeTree(studio.files, folder, paths)
  const known = await studio.database.checkpoint.findUnique({ where: { runId_step: { runId: run.id, step } } })
  const id = known?.id ?? randomUUID()
  const byteSize = files.reduce((sum, file) => sum + file.byteSize, 0)
  await recorder.now({ type: "CheckpointSaved", step, checkpointId: id, byteSize }, async (transaction) => {
    for (const file of files) await recordFile(transaction, studio.files, file, run.teamId)
    await transaction.checkpoint.upsert({
      where: { runId_step: { runId: run.id, step } },
      create: { id, runId: run.id, step },
      update: {},
    })
    await transaction.checkpointFile.deleteMany({ where: { checkpointId: id } })
    await transaction.checkpointFile.createMany({
      data: files.map(({ path, hash }) => ({ checkpointId: id, path, hash })),
    })
    const newest = await transaction.checkpoint.findMany({
      where: { runId: run.id },
      orderBy: { step: "desc" },
      select: { id: true },
      take: keep,
    })
    await transaction.checkpoint.deleteMany({
      where: { runId: run.id, id: { notIn: newest.map((checkpoint) => checkpoint.id) } },
    })
  })
}

async function saveSample(job: Job, event: EventOf<"SampleRendered">, config: TrainingConfig) {
  const { studio, run, recorder } = job
  const { step, prompt, seed } = event
  const promptIndex = config.validationPrompts.indexOf(prompt)
  const file = await studio.files.putFile(event.file)
  const where = { runId: run.id, step, promptIndex, seed: BigInt(seed) }
  const known = await studio.database.sample.findUnique({ where: { runId_step_promptIndex_seed: where } })
  const sampleId = known?.id ?? randomUUID()
  const { hash } = file
  await recorder.now(
    { type: "SampleRendered", step, promptIndex, prompt, seed, sampleId, hash },
    async (transaction) => {
      await recordFile(transaction, studio.files, { ...file, mediaType: "image/png" }, run.teamId)
      await transaction.sample.upsert({
        where: { runId_step_promptIndex_seed: where },
        create: { id: sampleId, ...where, prompt, hash },
        update: { hash },
      })
    },
  )
}

async function finish(job: Job, event: EventOf<"RunFinished">, config: TrainingConfig, options: TrainingRunOptions) {
  const { studio, run, owned, recorder } = job
  const files = await storeTree(studio.files, config.output, event.files)
  const modelId = randomUUID()
  const { peakBytes, estimateBytes } = event
  const paths = files.map(({ path }) => path)
  await recorder.now({ type: "RunFinished", modelId, files: paths, peakBytes, estimateBytes }, async (transaction) => {
    const model = {
      teamId: run.teamId,
      name: run.name,
      kind: config.method === "lora" ? ("LORA" as const) : ("FULL" as const),
      runId: run.id,
      step: config.maxTrainSteps,
      baseModelId: run.baseModelId,
      instancePrompt: options.instancePrompt ?? null,
    }
    await createModel(transaction, model, studio.files, files, modelId)
    await transaction.run.update({ where: { id: run.id }, data: { measuredSeconds: measured(job) } })
    await transitionRun(transaction, { ...owned.claim, from: "RUNNING", to: "SUCCEEDED" })
  })
}

/** Seconds that the run has taken, those of earlier attempts included. */
export const measured = ({ run, began }: Job) => (run.measuredSeconds ?? 0) + (performance.now() - began) / 1000

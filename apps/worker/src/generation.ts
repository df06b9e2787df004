/** A generation: its model and LoRAs laid out, its compute process driven, its images stored one by one. */

import { randomUUID } from "node:crypto"
import { open } from "node:fs/promises"
import { join } from "node:path"
import {
  type EventOf,
  type GenerationConfig,
  type GenerationRunConfig,
  generationConfig,
  generationRunConfig,
  type Preview,
} from "@fjord/contracts"
import { maxNewsBytes, notify, recordFile, topics, transitionRun } from "@fjord/db"
import { runInChild } from "@fjord/diffusion"
import type { Handler, Job } from "./job.ts"
import { pinnedBaseModel } from "./models.ts"
import { pinThreads } from "./pinThreads.ts"
import { layOutPromoted } from "./promotion.ts"
import { deleted, embeddingFile, loraFile, loraFileIn, trainedModel } from "./trainedModels.ts"
import { measured } from "./training.ts"

type Lora = { readonly file: string; readonly weight: number }

export const generate: Handler = async (job) => {
  const { studio, run, owned, recorder, scratch } = job
  recorder.later({ type: "PhaseProgressed", phase: "files" })
  const asked = generationRunConfig.parse(await pinThreads(job))
  const { model, loras } = await layOutModels(job, asked)
  const embeddings: GenerationConfig["embeddings"] = []
  for (const { id, token } of asked.embeddings) embeddings.push({ file: await embeddingFile(studio, id), token })
  // Each image depends on its own seed alone: those that an earlier attempt made are not made again.
  const done = await studio.database.generatedImage.count({ where: { runId: run.id } })
  const { options, imageToImage } = asked
  const total = options.numImages
  // Latents are those of all images in one file: then all are made again, and those that are there already pass by.
  const kept = asked.saveLatents ? 0 : done
  const initImage = join(scratch, "start-picture")
  if (imageToImage) await studio.files.copyTo(imageToImage.hash, initImage)
  const config = generationConfig.parse({
    ...options,
    ...(imageToImage && { initImage, strength: imageToImage.strength }),
    numImages: Math.max(1, total - kept),
    seed: options.seed + kept,
    model,
    loras,
    embeddings,
    out: join(scratch, "images"),
    ...(asked.saveLatents && { saveLatents: join(scratch, latentsFile) }),
  })
  recorder.later({ type: "RunStarted", steps: total, ...(done > 0 && { resumedFrom: done }) })
  let index = kept
  if (kept < total) {
    const child = { kind: "generate" as const, config, previews: true }
    for await (const event of runInChild(child, { signal: owned.stop, kill: owned.kill })) {
      switch (event.type) {
        case "DenoisingStep": {
          const { preview, ...step } = event
          if (preview !== undefined) await sendPreview(job, { ...step, type: "Preview", dataUrl: preview })
          recorder.later(step)
          break
        }
        case "ImageSaved":
          if (index >= done) await saveImage(job, asked, event, index)
          index++
          break
        case "Message":
        case "MemoryEstimated":
        case "PhaseProgressed":
          recorder.later(event)
          break
        default:
          throw new Error(`A generation tells no ${event.type}.`)
      }
    }
  }
  await recorder.flush()
  if (index === total) await succeed(job, asked.saveLatents)
}

const latentsFile = "latents.safetensors"

async function succeed(job: Job, hasLatents: boolean) {
  const { studio, run, owned, scratch } = job
  const latents = hasLatents ? await studio.files.putFile(join(scratch, latentsFile)) : undefined
  await studio.database.$transaction(async (transaction) => {
    if (latents !== undefined) {
      await recordFile(transaction, studio.files, { ...latents, mediaType: "application/octet-stream" }, run.teamId)
      await transaction.runFile.create({ data: { runId: run.id, path: latentsFile, hash: latents.hash } })
    }
    await transaction.run.updateMany({
      where: { id: run.id, attempt: owned.claim.attempt },
      data: { measuredSeconds: measured(job) },
    })
    await transitionRun(transaction, { ...owned.claim, from: "RUNNING", to: "SUCCEEDED" })
  })
}

async function sendPreview({ studio, run }: Job, preview: Preview) {
  const text = JSON.stringify(preview)
  const topic = topics.preview(run.id)
  // Nobody misses a preview that is too large, or one that the database did not take.
  if (topic.length + text.length < maxNewsBytes) await notify(studio.database, topic, text).catch(() => {})
}

async function saveImage(job: Job, asked: GenerationRunConfig, event: EventOf<"ImageSaved">, index: number) {
  const { studio, run, recorder } = job
  const { seed } = event
  const { width, height } = await sizeOfPng(event.file)
  const file = await studio.files.putFile(event.file)
  const imageId = randomUUID()
  await recorder.now({ type: "ImageSaved", index, seed, imageId, hash: file.hash }, async (transaction) => {
    await recordFile(transaction, studio.files, { ...file, mediaType: "image/png" }, run.teamId)
    const board =
      asked.boardId === undefined
        ? null
        : await transaction.board.findFirst({ where: { id: asked.boardId, teamId: run.teamId }, select: { id: true } })
    await transaction.generatedImage.create({
      data: {
        id: imageId,
        teamId: run.teamId,
        runId: run.id,
        index,
        seed: BigInt(seed),
        prompt: asked.options.prompt,
        width,
        height,
        hash: file.hash,
        boardId: board?.id ?? null,
      },
    })
  })
}

/** The folder that draws, and the LoRAs on top of it. */
async function layOutModels(job: Job, asked: GenerationRunConfig): Promise<{ model: string; loras: Lora[] }> {
  const loras: Lora[] = []
  const base = await layOutGenerator(job, asked.generator, loras)
  for (const { weight, ...lora } of asked.loras) loras.push({ file: (await loraFile(job, lora)).file, weight })
  return { model: base, loras }
}

async function layOutGenerator(job: Job, generator: GenerationRunConfig["generator"], loras: Lora[]): Promise<string> {
  if (generator.kind === "baseModel") return pinnedBaseModel(job, generator.id)
  const model =
    generator.kind === "model" ? await trainedModel(job.studio, generator.id) : await layOutPromoted(job, generator.id)
  if (model.kind === "FULL") return model.folder
  if (model.baseModelId === null) throw deleted("base model of the LoRA")
  loras.push({ file: loraFileIn(model.folder), weight: 1 })
  return pinnedBaseModel(job, model.baseModelId, model.baseCommit)
}

/** Width and height stand behind the signature and the head of the first chunk (PNG specification, 11.2.1). */
async function sizeOfPng(path: string): Promise<{ width: number; height: number }> {
  const file = await open(path)
  try {
    const { buffer } = await file.read(Buffer.alloc(24), 0, 24, 0)
    return { width: buffer.readUInt32BE(16), height: buffer.readUInt32BE(20) }
  } finally {
    await file.close()
  }
}

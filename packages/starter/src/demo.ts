/** DreamBooth on the sample concept with the shipped model, and a contact sheet of what came of it. */

import { existsSync } from "node:fs"
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { type FjordEvent, trainingConfig } from "@fjord/contracts"
import { decodeImage, encodePng, imageGrid, runInChild } from "@fjord/diffusion"
import { z } from "zod"
import { starterSettings } from "./settings.ts"

export interface DemoOptions {
  /** Receives the trained model, its samples and the contact sheet `demo.png`. */
  readonly out: string
  /** A starter model; the shipped one by default. */
  readonly model?: string | undefined
  /** 0 is one per core. */
  readonly threads?: number | undefined
  readonly signal?: AbortSignal | undefined
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const concept = z.object({ instancePrompt: z.string(), classPrompt: z.string(), prompts: z.array(z.string()) })

/** As a person would start it, with prior preservation, so that "a robot" stays any robot. */
const hyperparameters = {
  ...starterSettings(64).training.full,
  method: "full",
  withPriorPreservation: true,
  numClassImages: 16,
  seed: 7,
} as const

/**
 * Yields the events of the training, whose samples of step 0 are the base model's answers and those of the last step the
 * tuned one's, and at last a message with the contact sheet's place: the subject's pictures above both rows of answers.
 * @throws one sentence where there is no model to train.
 */
export async function* demo({ out, model, threads = 0, signal }: DemoOptions): AsyncGenerator<FjordEvent> {
  const base = model ?? here("../model")
  if (!existsSync(join(base, "model_index.json")))
    throw new Error(`There is no starter model in ${base}; npm run starter:train makes one.`)
  const folder = here("../concept")
  const { instancePrompt, classPrompt, prompts } = concept.parse(
    JSON.parse(await readFile(join(folder, "concept.json"), "utf8")),
  )
  await mkdir(out, { recursive: true })
  const { maxTrainSteps } = hyperparameters
  const config = trainingConfig.parse({
    ...hyperparameters,
    model: base,
    instanceImages: folder,
    instancePrompt,
    classPrompt,
    classImages: join(out, "class-images"),
    output: join(out, "model"),
    threads,
    validationPrompts: prompts,
    validationSteps: maxTrainSteps,
    checkpointingSteps: maxTrainSteps,
    checkpointsTotalLimit: 1,
  })
  const answers = new Map<number, string[]>()
  for await (const event of runInChild({ kind: "train", config, resume: false }, signal ? { signal } : {})) {
    if (event.type === "SampleRendered") answers.set(event.step, [...(answers.get(event.step) ?? []), event.file])
    yield event
  }
  if (signal?.aborted) return
  const taken = (await readdir(folder)).filter((name) => name.endsWith(".png")).sort()
  const rows = [taken.map((name) => join(folder, name)), answers.get(0) ?? [], answers.get(maxTrainSteps) ?? []]
  const sheet = join(out, "demo.png")
  await writeFile(sheet, await encodePng(await contactSheet(rows, 2 * config.resolution)))
  yield {
    type: "Message",
    level: "info",
    text: `${sheet}: the subject, the base model's answers to ${prompts.length} prompts, and the tuned model's.`,
  }
}

/** Rows of pictures of different lengths, every picture `side` pixels wide. */
async function contactSheet(rows: readonly (readonly string[])[], side: number) {
  const columns = Math.max(...rows.map(({ length }) => length))
  const blank = { width: side, height: side, rgb: new Uint8Array(3 * side * side).fill(255) }
  const cells = await Promise.all(
    rows.map(async (files) => {
      const pictures = await Promise.all(files.map((file) => decodeImage(file)))
      return Array.from({ length: columns }, (_, i) => pictures[i] ?? blank)
    }),
  )
  return imageGrid(cells.flat(), rows.length, columns)
}

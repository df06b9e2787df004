/** The card of a trained model, from what its run left in its output folder. */

import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import type { HubConnection, Licence, ModelCard, ModelFamily, PushFile } from "@fjord/hub"
import { z } from "zod"
import type { PushModelFlags } from "./commands/push.ts"
import { readOrigins } from "./hubSources.ts"
import { toSnakeCase } from "./optionNames.ts"
import { Sentence } from "./sentence.ts"

/** What of training.json a card shows; other programs' results have none of it. */
const trainingFile = z.object({
  steps: z.number().optional(),
  config: z
    .looseObject({
      instancePrompt: z.string().optional(),
      validationPrompts: z.array(z.string()).default([]),
    })
    .optional(),
})

type Training = z.infer<typeof trainingFile>

/** Options that tell a reader how the model was made, in reading order. */
const shownOptions = [
  "method",
  "rank",
  "loraAlpha",
  "resolution",
  "maxTrainSteps",
  "trainBatchSize",
  "gradientAccumulationSteps",
  "learningRate",
  "lrScheduler",
  "trainTextEncoder",
  "textEncoderLearningRate",
  "use8bitAdam",
  "withPriorPreservation",
  "priorLossWeight",
  "snrGamma",
  "noiseOffset",
  "seed",
]

const mostSamples = 8

type Sample = { readonly file: string; readonly path: string; readonly prompt: string }

function readTraining(folder: string): Training {
  const file = join(folder, "training.json")
  if (!existsSync(file)) return {}
  let training: unknown
  try {
    training = JSON.parse(readFileSync(file, "utf8"))
  } catch {
    throw new Sentence(`${file} is not JSON, so it cannot be what a run has written; restore it or take it away.`)
  }
  const parsed = trainingFile.safeParse(training)
  return parsed.success ? parsed.data : {}
}

function settingsOf({ config, steps }: Training): [string, string][] {
  if (config === undefined) return []
  const only: Readonly<Record<string, boolean>> = {
    rank: config.method === "lora",
    loraAlpha: config.method === "lora",
    textEncoderLearningRate: config.trainTextEncoder === true,
    priorLossWeight: config.withPriorPreservation === true,
  }
  const shown = shownOptions.flatMap((name): [string, string][] => {
    const value = config[name]
    if (value === undefined || value === false || value === 0 || only[name] === false) return []
    return [[toSnakeCase(name).replaceAll("_", " "), value === true ? "yes" : String(value)]]
  })
  return steps === undefined || steps === config.maxTrainSteps ? shown : [...shown, ["steps trained", String(steps)]]
}

/** The samples of the last step, with their prompts: names are step-N-prompt-I-seed-S.png. */
async function lastSamples(folder: string, prompts: readonly string[]): Promise<Sample[]> {
  const { samplePath } = await import("@fjord/hub")
  const directory = join(folder, "samples")
  if (!existsSync(directory)) return []
  const found = readdirSync(directory).flatMap((name) => {
    const [, step = "", index = "", seed = ""] = /^step-(\d+)-prompt-(\d+)-seed-(\d+)\.png$/.exec(name) ?? []
    const prompt = prompts[Number(index)]
    if (step === "" || prompt === undefined) return []
    const path = samplePath({ step: Number(step), promptIndex: Number(index), seed: BigInt(seed) })
    return [{ step: Number(step), name, path, prompt }]
  })
  const last = Math.max(...found.map(({ step }) => step))
  return found
    .filter(({ step }) => step === last)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .slice(0, mostSamples)
    .map(({ name, path, prompt }) => ({ file: join(directory, name), path, prompt }))
}

/** The family of a whole model, where it is as wide as the published ones. */
async function familyOfFolder(folder: string): Promise<ModelFamily | undefined> {
  const { folderFacts } = await import("@fjord/hub")
  const { family } = await folderFacts(folder)
  return family === "sd1" || family === "sdxl" ? family : family?.startsWith("sd2") === true ? "sd2" : undefined
}

/** The licence, from the flag, the base's card or its family, in this order. */
async function licenceOf(
  connection: HubConnection,
  folder: string,
  base: { id: string; revision?: string | undefined } | undefined,
  { license }: PushModelFlags,
  signal: AbortSignal,
): Promise<{ family: ModelFamily; licence: Licence }> {
  const { derivedLicence, familyOf, HubError, readRepository } = await import("@fjord/hub")
  const family = (await familyOfFolder(folder)) ?? (base === undefined ? undefined : familyOf(base.id))
  if (license !== undefined) return { family: family ?? "sd1", licence: { license } }
  let card: unknown
  if (base !== undefined) {
    try {
      card = (await readRepository(connection, { type: "model", id: base.id }, base.revision, { signal })).cardData
    } catch (error) {
      // A base that is gone from the Hub still has its family's licence.
      if (!(error instanceof HubError) || !["notFound", "gated"].includes(error.code) || family === undefined)
        throw error
    }
  }
  const licence = derivedLicence(family ?? "sd1", card)
  const fromCard = z.looseObject({ license: z.string() }).safeParse(card).success
  if (family === undefined && !fromCard)
    throw new Sentence(
      "The licence follows from the base model, which this folder does not name; give its id with --base, or the " +
        "licence with --license, e.g. creativeml-openrail-m for Stable Diffusion 1.x.",
    )
  return { family: family ?? "sd1", licence }
}

/** Card, pictures and settings for a push. @throws Sentence where the licence cannot be known */
export async function prepareModel(
  connection: HubConnection,
  folder: string,
  id: string,
  flags: PushModelFlags,
  signal: AbortSignal,
): Promise<{ card: string; pictures: readonly Sample[]; documents: readonly PushFile[] }> {
  const { modelCard, modelMethod } = await import("@fjord/hub")
  const method = await modelMethod(folder)
  const training = readTraining(folder)
  const origins = readOrigins(folder)
  const prompts = training.config?.validationPrompts ?? []
  const samples = await lastSamples(folder, prompts)
  const settings = join(folder, "training.json")
  const documents = existsSync(settings) ? [{ path: "training.json", file: settings }] : []
  if (flags.card !== undefined) {
    if (!existsSync(flags.card)) throw new Sentence(`The card ${flags.card} does not exist.`)
    return { card: readFileSync(flags.card, "utf8"), pictures: samples, documents }
  }
  const origin = origins.baseModel
  const base = flags.base !== undefined ? { id: flags.base } : origin && { id: origin.id, revision: origin.commit }
  const { family, licence } = await licenceOf(connection, folder, base, flags, signal)
  const card: ModelCard = {
    title: flags.title ?? id.split("/").at(-1) ?? id,
    id,
    method,
    family,
    licence,
    baseModel: base,
    instancePrompt: training.config?.instancePrompt,
    dataset: flags.dataset ?? origins.dataset?.id,
    samples: samples.map(({ path, prompt }) => ({ prompt, image: path })),
    settings: settingsOf(training),
    kohyaFile: readdirSync(folder).find((name) => name.endsWith("_kohya.safetensors")),
  }
  return { card: modelCard(card), pictures: samples, documents }
}

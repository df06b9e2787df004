/** Models and pictures that a configuration names by their id on the Hub, as local folders pinned by their commit. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { TrainingConfig } from "@fjord/contracts"
import { z } from "zod"
import { hubEnvironment } from "./environment.ts"
import { createTransferProgress } from "./hubTransfer.ts"
import { createProgress } from "./progress.ts"
import { Sentence } from "./sentence.ts"
import { untilInterrupted } from "./stopping.ts"

type Pin = { readonly id: string; readonly commit: string }

const pin = z.object({ id: z.string(), commit: z.string() })
const pinsFile = z.object({ baseModel: pin.optional(), dataset: pin.optional() })

/** Where the parts of a run came from on the Hub; absent for what is local. */
export type HubOrigins = z.infer<typeof pinsFile>

/** Name of the file in a run's output folder that says where its parts came from. */
export const originsFile = "hub.json"

function originsPath(output: string): string {
  return join(output, originsFile)
}

/** What a run's output folder says about where its model and pictures came from. */
export function readOrigins(output: string): HubOrigins {
  try {
    return pinsFile.parse(JSON.parse(readFileSync(originsPath(output), "utf8")))
  } catch {
    return {}
  }
}

/** `owner/name` or `owner/name@revision`, where no such folder lies here. */
export function hubReference(text: string): { id: string; revision: string | undefined } | undefined {
  const match = /^([A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*)(?:@([\w./-]+))?$/.exec(text)
  if (match?.[1] === undefined || /\.(?:safetensors|ckpt|bin|pt)$/.test(match[1]) || existsSync(text)) return undefined
  return { id: match[1], revision: match[2] }
}

/** The model under the commit that the run in `output` used, where it came from the Hub. */
export function pinnedModel(model: string, output: string): string {
  const origin = readOrigins(output).baseModel
  const reference = hubReference(model)
  return origin !== undefined && reference?.id === origin.id ? `${origin.id}@${origin.commit}` : model
}

type Flags = { readonly json: boolean }

/**
 * Runs a pull with progress and Ctrl-C.
 * @param text as the person wrote it: a folder that is missing looks like an id
 * @returns undefined where it was interrupted
 */
async function pulling<Result>(
  text: string,
  flags: Flags,
  work: (options: { signal: AbortSignal; onEvent: ReturnType<typeof createTransferProgress> }) => Promise<Result>,
): Promise<Result | undefined> {
  let result: Result | undefined
  const onEvent = createTransferProgress(process.stdout, flags)
  await untilInterrupted(async (signal) => {
    try {
      result = await work({ signal, onEvent })
    } catch (error) {
      if (signal.aborted || !(error instanceof Error)) throw error
      throw new Sentence(`There is no folder ${text} here, so it was looked for on the Hub. ${error.message}`)
    }
  }, "Stopping; the next time it goes on from here.")
  return result
}

/** @returns the local folder of a model, undefined where Ctrl-C stopped the download */
export async function localModel(
  model: string,
  flags: Flags,
): Promise<(Partial<Pin> & { folder: string }) | undefined> {
  const reference = hubReference(model)
  if (reference === undefined) return { folder: model }
  const { hubConnection, pullModel } = await import("@fjord/hub")
  const connection = hubConnection({}, hubEnvironment)
  const pulled = await pulling(model, flags, (options) =>
    pullModel(connection, reference.id, { ...options, revision: reference.revision }),
  )
  if (pulled === undefined) return undefined
  const note = pulled.offline ? ", as it was downloaded earlier, because the Hub cannot be reached" : ""
  tell(flags, `Base model ${pulled.id} at commit ${pulled.commit}${note}.`)
  return { id: pulled.id, commit: pulled.commit, folder: pulled.folder }
}

/** @returns the local file of a LoRA, undefined where Ctrl-C stopped the download */
export async function localLora(lora: string, flags: Flags): Promise<string | undefined> {
  const reference = hubReference(lora)
  if (reference === undefined) return lora
  const { hubConnection, loraAmong, pullModel } = await import("@fjord/hub")
  const pulled = await pulling(lora, flags, async (options) => {
    const connection = hubConnection({}, hubEnvironment)
    const { files, folder, commit } = await pullModel(connection, reference.id, {
      ...options,
      revision: reference.revision,
    })
    return { file: join(folder, loraAmong(reference.id, files)), commit }
  })
  if (pulled !== undefined) tell(flags, `LoRA ${reference.id} at commit ${pulled.commit}.`)
  return pulled?.file
}

function tell(flags: Flags, text: string, level: "info" | "warning" = "info"): void {
  createProgress(process.stdout, flags)({ type: "Message", level, text })
}

/**
 * The folder of a feature extractor, here or from the Hub. The pipeline is complete without one, so a Hub that cannot
 * give it only leads to a warning.
 */
export async function localFeatureExtractor(text: string | undefined, flags: Flags): Promise<string | undefined> {
  const reference = text === undefined ? undefined : hubReference(text)
  if (text === undefined || reference === undefined) return text
  const { HubError, hubConnection, pullModel } = await import("@fjord/hub")
  const { id, revision } = reference
  try {
    const files = ["preprocessor_config.json"]
    return (await pullModel(hubConnection({}, hubEnvironment), id, { revision, files })).folder
  } catch (error) {
    if (!(error instanceof HubError)) throw error
    tell(flags, `The pipeline is made without the feature extractor ${text}. ${error.message}`, "warning")
    return undefined
  }
}

/**
 * The configuration with local folders in place of ids. What they stood for is noted in the output folder, so that a
 * run that goes on uses the same commits.
 * @returns undefined where Ctrl-C stopped a download
 */
export async function withLocalFolders(
  training: TrainingConfig,
  flags: Flags & { readonly resume: boolean },
): Promise<TrainingConfig | undefined> {
  const before = flags.resume ? readOrigins(training.output) : {}
  const model = await localModel(flags.resume ? pinnedModel(training.model, training.output) : training.model, flags)
  if (model === undefined) return undefined
  const { id, commit } = model
  let origins: HubOrigins = { ...(id !== undefined && commit !== undefined && { baseModel: { id, commit } }) }
  let { instanceImages } = training
  const reference = hubReference(instanceImages)
  if (reference !== undefined) {
    const { cachedDataset, hubConnection } = await import("@fjord/hub")
    const revision = before.dataset?.id === reference.id ? before.dataset.commit : reference.revision
    const dataset = await pulling(instanceImages, flags, (options) =>
      cachedDataset(hubConnection({}, hubEnvironment), reference.id, { ...options, revision }),
    )
    if (dataset === undefined) return undefined
    tell(flags, `Pictures ${dataset.id} at commit ${dataset.commit}.`)
    origins = { ...origins, dataset: { id: dataset.id, commit: dataset.commit } }
    instanceImages = dataset.folder
  }
  if (Object.keys(origins).length > 0) {
    mkdirSync(training.output, { recursive: true })
    writeFileSync(originsPath(training.output), `${JSON.stringify(origins, undefined, 2)}\n`)
  }
  return { ...training, model: model.folder, instanceImages }
}

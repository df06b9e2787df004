/** `fjord train CONFIG.yml`: fine-tunes a model on a folder of pictures. */

import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import type { Evaluation, TrainingConfig } from "@fjord/contracts"
import { loraFile, readTrainingFile } from "../configFile.ts"
import { commandName } from "../environment.ts"
import { localFeatureExtractor, originsFile, withLocalFolders } from "../hubSources.ts"
import { createProgress } from "../progress.ts"
import { requireWritable } from "../requireWritable.ts"
import { Sentence } from "../sentence.ts"
import { interruptedStatus, untilInterrupted } from "../stopping.ts"
import { sayWritten } from "../written.ts"
import { generateImages } from "./generate.ts"

type TrainFlags = { readonly resume: boolean; readonly json: boolean; readonly output?: string }

/** What to type to go on with a run. */
function resuming(configFile: string, { output }: { readonly output?: string }): string {
  const word = (path: string) => (/^[\w./\\:-]+$/.test(path) ? path : JSON.stringify(path))
  const elsewhere = output === undefined ? "" : ` --output ${word(output)}`
  return `${commandName} train ${word(configFile)}${elsewhere} --resume`
}

/** @throws Sentence when the output folder already holds something that a new run would overwrite. */
function refuseExistingOutput(configFile: string, flags: TrainFlags, output: string): void {
  if (!existsSync(output) || readdirSync(output).every((name) => name === originsFile)) return
  const finished = existsSync(join(output, "model_index.json")) || existsSync(loraFile(output))
  throw new Sentence(
    finished
      ? `${output} already holds a finished model; choose another output with --output, or move that folder away.`
      : `${output} holds an unfinished run; go on with it by ${resuming(configFile, flags)}, or choose another output ` +
          "with --output.",
  )
}

function refuseMissingFolders(configFile: string, training: TrainingConfig): void {
  const hint = "give the path of a folder, or an id on the Hub in the form owner/name"
  if (!existsSync(training.model))
    throw new Sentence(`${configFile}: the model folder ${training.model} does not exist; ${hint}.`)
  if (!existsSync(training.instanceImages))
    throw new Sentence(`${configFile}: the picture folder ${training.instanceImages} does not exist; ${hint}.`)
}

/** Trains as the file says and makes the images that a tutorial's file asks for afterwards. */
export async function train(configFile: string, flags: TrainFlags): Promise<void> {
  const file = readTrainingFile(configFile)
  const wanted = flags.output === undefined ? file.training : { ...file.training, output: flags.output }
  if (!flags.resume) refuseExistingOutput(configFile, flags, wanted.output)
  requireWritable(wanted.output, "choose another place with --output")
  if (file.evaluation !== undefined) requireWritable(file.evaluation.out, `name another folder in ${configFile}`)
  const training = await withLocalFolders(wanted, flags)
  if (training === undefined) {
    process.exitCode = interruptedStatus
    return
  }
  refuseMissingFolders(configFile, training)

  const { addFeatureExtractor, checkFeatureExtractor, contactSheet, runInChild } = await import("@fjord/diffusion")
  const featureExtractor =
    training.method === "full" ? await localFeatureExtractor(file.featureExtractor, flags) : undefined
  const copiesExtractor = featureExtractor !== undefined && existsSync(featureExtractor)
  if (copiesExtractor) await checkFeatureExtractor(featureExtractor)
  const show = createProgress(process.stdout, flags)
  let finished = false
  const interrupted = await untilInterrupted(async (signal) => {
    for await (const event of runInChild({ kind: "train", config: training, resume: flags.resume }, { signal })) {
      show(event)
      finished ||= event.type === "RunFinished"
    }
  }, "Stopping and saving a checkpoint; Ctrl-C again stops at once.")

  if (interrupted && !finished) {
    process.stderr.write(`Stopped. Go on with: ${resuming(configFile, flags)}\n`)
    process.exitCode = interruptedStatus
    return
  }
  if (copiesExtractor) await addFeatureExtractor(training.output, featureExtractor)
  if (file.evaluation === undefined || interrupted) return
  const { provider, threads } = training
  const { evaluation } = file
  const files = await generateImages({ model: training.output, provider, threads, ...evaluation }, flags)
  if (files.length > 0) {
    const sheet = tutorialGridFile(evaluation)
    await contactSheet(files, sheet, files.length)
    sayWritten(sheet, `${files.length} images in ${sheet}`, flags)
  }
}

/** The tutorial names its grid by the last ten characters of the prompt; a number follows where that name is taken. */
function tutorialGridFile({ prompt, out }: Evaluation): string {
  const name = prompt
    .replaceAll(" ", "")
    .slice(-10)
    .replace(/[^\p{L}\p{N}_-]/gu, "_")
  const file = (i: number) => join(out, `${name}${i === 0 ? "" : `-${i}`}.jpg`)
  let i = 0
  while (existsSync(file(i))) i++
  return file(i)
}

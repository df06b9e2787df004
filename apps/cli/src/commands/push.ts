/** `fjord push`: a folder of pictures or a trained model to the Hub. */

import { existsSync } from "node:fs"
import { resolve } from "node:path"
import type { Command } from "commander"
import { hubEnvironment } from "../environment.ts"
import { createTransferProgress } from "../hubTransfer.ts"
import { prepareModel } from "../runCard.ts"
import { Sentence } from "../sentence.ts"
import { interruptedStatus, untilInterrupted } from "../stopping.ts"

type PushFlags = { readonly json: boolean; readonly public: boolean }
type PushDatasetFlags = PushFlags & { readonly split: string; readonly license?: string; readonly captions: boolean }
export type PushModelFlags = PushFlags & {
  readonly base?: string
  readonly dataset?: string
  readonly license?: string
  readonly title?: string
  readonly card?: string
}

function visibility(flags: PushFlags): { readonly visibility: "public" | "private" } {
  return { visibility: flags.public ? "public" : "private" }
}

function refuseMissing(folder: string): void {
  if (!existsSync(folder)) throw new Sentence(`The folder ${folder} does not exist.`)
}

async function pushDatasetCommand(folder: string, id: string, flags: PushDatasetFlags): Promise<void> {
  refuseMissing(folder)
  const { findImages } = await import("@fjord/diffusion")
  const { usable, refused } = await findImages(resolve(folder))
  if (usable.length === 0)
    throw new Sentence(
      `There are no usable pictures in ${folder}${refused[0] === undefined ? "." : `: ${refused[0].reason}`}`,
    )
  if (!flags.json) for (const { reason } of refused) process.stdout.write(`Left out: ${reason}\n`)
  const images = usable.map(({ path, caption }) => ({ file: path, ...(flags.captions && { caption }) }))
  const { hubConnection, pushDataset } = await import("@fjord/hub")
  const connection = hubConnection({}, hubEnvironment)
  const onEvent = createTransferProgress(process.stdout, flags)
  const { split, license } = flags
  const interrupted = await untilInterrupted(async (signal) => {
    const pushed = await pushDataset(connection, id, { images, split, license, ...visibility(flags), signal, onEvent })
    const event = { type: "DatasetPushed", id, images: images.length, ...pushed }
    const line = `${pushed.changed ? "Pushed" : "Nothing to push, all is there"}: ${images.length} pictures, ${pushed.page}`
    process.stdout.write(flags.json ? `${JSON.stringify(event)}\n` : `${line}\n`)
  }, "Stopping; what was uploaded is not uploaded again.")
  if (interrupted) process.exitCode = interruptedStatus
}

async function pushModelCommand(folder: string, id: string, flags: PushModelFlags): Promise<void> {
  refuseMissing(folder)
  const { hubConnection, pushModel } = await import("@fjord/hub")
  const connection = hubConnection({}, hubEnvironment)
  const onEvent = createTransferProgress(process.stdout, flags)
  const interrupted = await untilInterrupted(async (signal) => {
    const { card, pictures, documents } = await prepareModel(connection, folder, id, flags, signal)
    const options = { folder, card, pictures, documents, ...visibility(flags), signal, onEvent }
    const pushed = await pushModel(connection, id, options)
    const event = { type: "ModelPushed", id, ...pushed }
    const line = `${pushed.changed ? "Pushed" : "Nothing to push, all is there"}: ${pushed.page}`
    process.stdout.write(flags.json ? `${JSON.stringify(event)}\n` : `${line}\n`)
  }, "Stopping; what was uploaded is not uploaded again.")
  if (interrupted) process.exitCode = interruptedStatus
}

export function addPushCommands(program: Command): void {
  const push = program.command("push").description("send a data set or a model to the Hugging Face Hub")
  push
    .command("dataset")
    .description("send a folder of pictures with captions as a data set that load_dataset and the Hub's viewer read")
    .argument("<folder>", "pictures, with captions in NAME.txt, metadata.jsonl or metadata.csv")
    .argument("<id>", "owner/name; made if it is not there")
    .option("--split <name>", "which part", "train")
    .option("--no-captions", "leave the captions out")
    .option("--license <id>", "identifier of a licence, e.g. cc-by-4.0")
    .option("--public", "make it public; private if absent", false)
    .option("--json", "print one JSON event per line", false)
    .action(pushDatasetCommand)
  push
    .command("model")
    .description("send the result of a training run with its card, samples and settings")
    .argument("<folder>", "output folder of a run, a diffusers folder, or a folder with a LoRA")
    .argument("<id>", "owner/name; made if it is not there")
    .option("--base <id>", "base model on the Hub, where the run does not say it")
    .option("--dataset <id>", "data set on the Hub, where the run does not say it")
    .option("--license <id>", "identifier of a licence; that of the base model if absent")
    .option("--title <text>", "heading of the card")
    .option("--card <file>", "README.md of your own, sent as it is")
    .option("--public", "make it public; private if absent", false)
    .option("--json", "print one JSON event per line", false)
    .action(pushModelCommand)
}

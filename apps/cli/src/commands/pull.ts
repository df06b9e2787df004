/** `fjord pull`: a model or a data set from the Hub. */

import type { Command } from "commander"
import { hubEnvironment } from "../environment.ts"
import { createTransferProgress } from "../hubTransfer.ts"
import { requireWritable } from "../requireWritable.ts"
import { Sentence } from "../sentence.ts"
import { interruptedStatus, untilInterrupted } from "../stopping.ts"

type PullFlags = { readonly json: boolean; readonly revision?: string; readonly out?: string }
type PullModelFlags = PullFlags & { readonly variant?: string }
type PullDatasetFlags = PullFlags & {
  readonly out: string
  readonly split: string
  readonly config?: string
  readonly captionColumn?: string
  readonly imageColumn?: string
}

/** What came of it, as the last line or JSON object. */
function finish(flags: PullFlags, event: object, line: string): void {
  process.stdout.write(flags.json ? `${JSON.stringify(event)}\n` : `${line}\n`)
}

async function pullModelCommand(id: string, flags: PullModelFlags): Promise<void> {
  const { variant } = flags
  if (variant !== undefined && variant !== "fp16") throw new Sentence(`--variant must be fp16, got ${variant}.`)
  if (flags.out !== undefined) requireWritable(flags.out, "choose another place with --out")
  const { copyModel, hubConnection, pullModel } = await import("@fjord/hub")
  const onEvent = createTransferProgress(process.stdout, flags)
  const interrupted = await untilInterrupted(async (signal) => {
    const connection = hubConnection({}, hubEnvironment)
    const pulled = await pullModel(connection, id, { revision: flags.revision, variant, signal, onEvent })
    if (flags.out !== undefined) await copyModel(pulled, flags.out)
    const folder = flags.out ?? pulled.folder
    const { commit, files, offline } = pulled
    const note = offline ? ", as it was downloaded earlier, because the Hub cannot be reached" : ""
    finish(
      flags,
      { type: "ModelPulled", id, commit, folder, files, offline },
      `${id} at commit ${commit}${note}: ${folder}`,
    )
  }, "Stopping; the next time it goes on from here.")
  if (interrupted) process.exitCode = interruptedStatus
}

async function pullDatasetCommand(id: string, flags: PullDatasetFlags): Promise<void> {
  const { hubConnection, pullDataset } = await import("@fjord/hub")
  const { out, json: _json, ...choice } = flags
  requireWritable(out, "choose another place with --out")
  const onEvent = createTransferProgress(process.stdout, flags)
  const interrupted = await untilInterrupted(async (signal) => {
    const pulled = await pullDataset(hubConnection({}, hubEnvironment), id, out, { ...choice, signal, onEvent })
    if (!flags.json) for (const reason of pulled.refused) process.stdout.write(`Left out: ${reason}\n`)
    const { images, captions, commit } = pulled
    finish(
      flags,
      { type: "DatasetPulled", ...pulled },
      `${images} pictures, ${captions} with captions, of ${id} at commit ${commit}: ${out}`,
    )
  }, "Stopping; the next time it goes on from here.")
  if (interrupted) process.exitCode = interruptedStatus
}

export function addPullCommands(program: Command): void {
  const pull = program.command("pull").description("fetch a model or a data set from the Hugging Face Hub")
  pull
    .command("model")
    .description("fetch what is needed of a model into the cache that is shared with Python, each file checked")
    .argument("<id>", "owner/name")
    .option("--revision <name>", "branch, tag or commit; main if absent")
    .option("--variant <name>", "fp16: the half-precision copy of the weights where there is one")
    .option("--out <dir>", "new folder to copy it to")
    .option("--json", "print one JSON event per line", false)
    .action(pullModelCommand)
  pull
    .command("dataset")
    .description("write the pictures and captions of a data set into a new folder")
    .argument("<id>", "owner/name")
    .requiredOption("--out <dir>", "new folder")
    .option("--revision <name>", "branch, tag or commit; main if absent")
    .option("--split <name>", "which part", "train")
    .option("--config <name>", "configuration in the data set's README; its default one if absent")
    .option("--caption-column <name>", "column of the captions; text, caption or prompt if absent")
    .option("--image-column <name>", "column of the pictures; the first one of pictures if absent")
    .option("--json", "print one JSON event per line", false)
    .action(pullDatasetCommand)
}

/** `fjord merge`: LoRAs merged into the weights of a model. */

import { existsSync } from "node:fs"
import { requireWritable } from "../requireWritable.ts"
import { Sentence } from "../sentence.ts"
import { runTransfer } from "../transferring.ts"
import { parseLora } from "./generate.ts"

type MergeFlags = {
  readonly model: string
  readonly lora: readonly string[]
  readonly out: string
  readonly json: boolean
}

/** @throws Sentence when a file is missing. */
export async function merge(flags: MergeFlags): Promise<void> {
  const loras = flags.lora.map(parseLora)
  for (const { file } of loras) if (!existsSync(file)) throw new Sentence(`The LoRA file ${file} does not exist.`)
  requireWritable(flags.out, "choose another place with --out")
  const { mergeLoras } = await import("@fjord/diffusion")
  await runTransfer((options) => mergeLoras(flags.model, flags.out, { ...options, loras }), flags)
}

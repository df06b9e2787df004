/** Where what lies in reference data: what the sections would compare and do not find, and what none of them reads. */

import { existsSync } from "node:fs"
import { readdir, readFile } from "node:fs/promises"
import { join, sep } from "node:path"
import type { ParitySection } from "./case.ts"
import { entries } from "./references.ts"

/** What sections read wherever it lies; index files name more. */
const patterns: readonly RegExp[] = [
  /^tolerance_fp32_vs_fp64\.json$/,
  /^pipelines\//,
  /^forward\/[^/]+\/(?:text_encoder(?:_2)?|vae|unet|unet_activations_batch0)\.safetensors$/,
  /^schedulers\/index\.json$/,
  /^rng\/(?:small\.safetensors|big\.json|dataloader_orders\.json)$/,
  /^tokenizer_full\//,
  /^tokenizer_ids\/prompts\.json$/,
  /^e2e\/index\.json$/,
  /^training\/lr_schedules\.json$/,
  /^training\/[^/]+\/(?:inputs|refloop|grads_[^/]+|train_[^/]+)\.safetensors$/,
  /^training\/[^/]+\/lora_[^/]+\/(?:effect|pytorch_lora_weights[^/]*)\.safetensors$/,
  /^adamw8bit\/(?:codebooks\.json|trace\.safetensors)$/,
]

/** What lies beside it for people. */
const forPeople = /^(?:README\.md|manifest\.json|training\/summary\.json)$|\.png$/

const folders = ["pipelines", "forward", "schedulers", "rng", "tokenizer_full", "tokenizer_ids", "e2e", "training"]
const parts: ReadonlySet<string> = new Set([...folders, "adamw8bit"])

/** Files that the two index files name: trajectories of schedulers, whole pictures. */
async function indexedFiles(directory: string): Promise<string[]> {
  const indexOf = async (part: string) => {
    const text = await readFile(join(directory, part, "index.json"), "utf8").catch(() => "{}")
    return JSON.parse(text.replace(/:\s*-?(?:Infinity|NaN)/g, ": null"))
  }
  const [schedulers, pictures] = [await indexOf("schedulers"), await indexOf("e2e")]
  const names = new Set(Object.keys(schedulers.runs ?? {}).map((id) => id.split(".")[0]))
  return [
    ...[...names].map((name) => `schedulers/${name}.safetensors`),
    ...(schedulers.inputs === undefined ? [] : [`schedulers/${schedulers.inputs}`]),
    ...Object.keys(pictures).map((id) => `e2e/${id}.safetensors`),
  ]
}

/** What whole reference data has, going by the pipelines, runs and index files that are there. */
async function wholeFiles(directory: string): Promise<string[]> {
  const wanted = [
    "tolerance_fp32_vs_fp64.json",
    "rng/small.safetensors",
    "rng/big.json",
    "rng/dataloader_orders.json",
    "schedulers/index.json",
    "tokenizer_full",
    "tokenizer_ids/prompts.json",
    "e2e/index.json",
    "training/lr_schedules.json",
    "adamw8bit/codebooks.json",
    "adamw8bit/trace.safetensors",
    ...(await indexedFiles(directory)),
  ]
  const pipelines = await entries(join(directory, "pipelines"), /^[^.]+$/)
  if (pipelines.length === 0) wanted.push("pipelines")
  for (const name of pipelines) {
    const second = existsSync(join(directory, "pipelines", name, "text_encoder_2")) ? ["text_encoder_2"] : []
    for (const file of ["text_encoder", ...second, "vae", "unet", "unet_activations_batch0"])
      wanted.push(`forward/${name}/${file}.safetensors`)
  }
  const trained = await entries(join(directory, "training"), /^[^.]+$/)
  for (const name of trained) {
    wanted.push(`training/${name}/inputs.safetensors`)
    for (const run of await entries(join(directory, "training", name), /^lora_/))
      for (const file of ["effect", "pytorch_lora_weights"]) wanted.push(`training/${name}/${run}/${file}.safetensors`)
  }
  if (trained.length === 0) wanted.push("training/PIPELINE/inputs.safetensors")
  return [...new Set(wanted)]
}

/** What would be compared and is not there, named so that nobody takes it for compared. */
export const absent: ParitySection = async function* (directory) {
  for (const name of await wholeFiles(directory))
    if (!existsSync(join(directory, name))) yield { name, skipped: "it is not in the reference data" }
}

/** What is there and no section reads, named for the same reason. */
export const unread: ParitySection = async function* (directory) {
  const indexed = new Set(await indexedFiles(directory))
  const files = (await readdir(directory, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) =>
      join(parentPath, name)
        .slice(directory.length + 1)
        .split(sep)
        .join("/"),
    )
  const strange = files.filter(
    (file) => !(forPeople.test(file) || indexed.has(file) || patterns.some((pattern) => pattern.test(file))),
  )
  // A folder of its own is named once.
  const names = strange.map((file) => (parts.has(file.split("/")[0] ?? "") ? file : (file.split("/")[0] ?? file)))
  for (const name of [...new Set(names)].sort()) yield { name, skipped: "no section reads it" }
}

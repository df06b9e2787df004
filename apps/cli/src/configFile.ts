/** Reads configuration files: our own in snake_case, and the tutorial's unchanged. */

import { readFileSync } from "node:fs"
import { join } from "node:path"
import {
  type Evaluation,
  fromTutorialConfig,
  generationConfig,
  type TrainingConfig,
  trainingConfig,
  trainingOptions,
  tutorialConfig,
  tutorialNames,
} from "@fjord/contracts"
import { parse, YAMLParseError } from "yaml"
import type { z } from "zod"
import { pinnedModel } from "./hubSources.ts"
import { settingsOfModel } from "./modelSettings.ts"
import { toSnakeCase, unknownKey } from "./optionNames.ts"
import { describeIssues, Sentence } from "./sentence.ts"

type Mapping = Readonly<Record<string, unknown>>

/** A run to train and, for the tutorial's file, what it adds to the saved pipeline and the images to make afterwards. */
export type TrainingFile = {
  readonly training: TrainingConfig
  readonly featureExtractor?: string
  readonly evaluation?: Evaluation
}

/** The LoRA with diffusers' keys that a run with `method: lora` leaves in its output folder. */
export function loraFile(output: string): string {
  return join(output, "pytorch_lora_weights.safetensors")
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

/** @throws Sentence when the file is missing, is no YAML or is not a list of `key: value`. */
function readMapping(file: string): Mapping {
  let text: string
  try {
    text = readFileSync(file, "utf8")
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined
    if (code === "ENOENT") throw new Sentence(`The config file ${file} does not exist.`, { cause })
    if (code === "EISDIR") throw new Sentence(`The config file ${file} is a folder; give the file in it.`, { cause })
    throw new Sentence(`The config file ${file} cannot be read: ${String(code ?? cause)}.`, { cause })
  }
  let value: unknown
  try {
    value = parse(text)
  } catch (cause) {
    if (!(cause instanceof YAMLParseError)) throw cause
    const line = cause.linePos?.[0].line
    const [what] = cause.message.split(" at line ")
    throw new Sentence(`${file} is not valid YAML${line === undefined ? "" : ` at line ${line}`}: ${what}.`, { cause })
  }
  if (!isMapping(value)) throw new Sentence(`${file} must be YAML of the form key: value, one per line.`)
  return value
}

/** Checks the keys of a mapping, with the nearest known key for each unknown one. */
function refuseUnknownKeys(where: string, mapping: Mapping, known: readonly string[]): void {
  const sentences = Object.keys(mapping)
    .filter((key) => !known.includes(key))
    .map((key) => unknownKey(where, key, known))
  if (sentences.length > 0) throw new Sentence(sentences.join("\n"))
}

/** The same mapping under the names of a schema in camelCase; `key:` without a value counts as not given. */
function toCamelCase(where: string, mapping: Mapping, camelNames: readonly string[]): Mapping {
  const names = new Map(camelNames.map((name) => [toSnakeCase(name), name]))
  refuseUnknownKeys(where, mapping, [...names.keys()])
  return Object.fromEntries(
    Object.entries(mapping)
      .filter(([, value]) => value !== null)
      .map(([key, value]) => [names.get(key) ?? key, value]),
  )
}

function check<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  where: string,
  nameOf: (key: string) => string = toSnakeCase,
): z.output<Schema> {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  throw new Sentence(describeIssues(result.error, input, where, nameOf))
}

function tutorialFile(file: string, mapping: Mapping): TrainingFile {
  refuseUnknownKeys(file, mapping, Object.keys(tutorialConfig.shape))
  const parts = {
    train_params: tutorialConfig.shape.train_params,
    eval_params: tutorialConfig.shape.eval_params.unwrap(),
  }
  for (const [name, schema] of Object.entries(parts)) {
    const part = mapping[name]
    if (isMapping(part)) refuseUnknownKeys(`${file}, ${name}`, part, Object.keys(schema.shape))
  }
  const tutorial = check(tutorialConfig, mapping, file)
  const { training, ...rest } = fromTutorialConfig(tutorial)
  const names: Readonly<Record<string, string>> = tutorialNames
  return { training: check(trainingConfig, training, file, (key) => names[key] ?? toSnakeCase(key)), ...rest }
}

function trainingFile(file: string, mapping: Mapping): TrainingFile {
  if ("train_params" in mapping) return tutorialFile(file, mapping)
  const given = toCamelCase(file, mapping, Object.keys(trainingOptions.shape))
  const { lora, full } = settingsOfModel(given.model).training
  return { training: check(trainingConfig, { ...(given.method === "full" ? full : lora), ...given }, file) }
}

/** @throws Sentence with one line for each thing that is wrong. */
export function readTrainingFile(file: string): TrainingFile {
  return trainingFile(file, readMapping(file))
}

/**
 * The options that a file gives for generation, before the flags: those of a generation config, or of a training
 * config the model that it makes (and the images that the tutorial wants of it).
 */
export function readGenerationFile(file: string): Mapping {
  const mapping = readMapping(file)
  if (!("train_params" in mapping || "instance_images" in mapping))
    return toCamelCase(file, mapping, Object.keys(generationConfig.shape))
  const { training, evaluation } = trainingFile(file, mapping)
  const { provider, threads } = training
  const model =
    training.method === "full"
      ? { model: training.output }
      : { model: pinnedModel(training.model, training.output), loras: [{ file: loraFile(training.output), weight: 1 }] }
  return { ...model, provider, threads, ...evaluation }
}

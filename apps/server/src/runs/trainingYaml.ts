/** Reads a training run's YAML, Fjord's or the DreamBooth tutorial's, into options of the studio. */

import { fromTutorialConfig, trainingRunOptions, tutorialConfig } from "@fjord/contracts"
import { parse, YAMLError } from "yaml"
import type { z } from "zod"
import { InputError } from "../expectedError.ts"
import { trainingOptionDescriptions } from "../options.ts"
import { checkedText } from "../text.ts"

export type ParsedConfig = { readonly options: Record<string, unknown>; readonly problems: string[] }

/** Folders are the studio's own affair; their options are named, not taken over. */
const folders: Readonly<Record<string, string>> = {
  model: "The base model is chosen in the form.",
  instance_images: "The pictures are those of the data set.",
  output: "Results lie in the studio's file store.",
  class_images: "The studio keeps class images itself.",
}

function readYaml(text: string): Record<string, unknown> {
  try {
    // Aliases can grow a small text without bound.
    const value: unknown = parse(checkedText(text, "yaml", 100_000), { maxAliasCount: 0 })
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw new InputError("This is no configuration: it needs lines like `learning_rate: 1e-4`.", "yaml")
    return value as Record<string, unknown>
  } catch (error) {
    if (error instanceof YAMLError || error instanceof ReferenceError)
      throw new InputError(`This is no YAML: ${error.message.split("\n")[0]}`, "yaml")
    throw error
  }
}

export function parseTrainingYaml(text: string): ParsedConfig {
  const values = readYaml(text)
  const problems: string[] = []
  if ("train_params" in values) {
    const tutorial = tutorialConfig.safeParse(values)
    if (!tutorial.success)
      return {
        options: {},
        problems: tutorial.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`),
      }
    const { training, evaluation } = fromTutorialConfig(tutorial.data)
    const { model, instanceImages, output, ...options } = training
    problems.push(`The model ${model}, the pictures ${instanceImages} and the output ${output} are chosen in the form.`)
    const scenes = evaluation === undefined ? {} : { validationPrompts: [evaluation.prompt] }
    return acceptable({ ...options, ...scenes }, problems)
  }
  const options: Record<string, unknown> = {}
  const bySnakeName = new Map(trainingOptionDescriptions.map((option) => [option.snakeName, option.name]))
  const byName = new Set(trainingOptionDescriptions.map(({ name }) => name))
  for (const [key, value] of Object.entries(values)) {
    const name = bySnakeName.get(key) ?? (byName.has(key) ? key : undefined)
    if (name !== undefined) options[name] = value
    else problems.push(folders[key] === undefined ? `${key} is no option of training.` : `${key}: ${folders[key]}`)
  }
  return acceptable(options, problems)
}

const shape: Readonly<Record<string, z.ZodType | undefined>> = trainingRunOptions.shape

/** Leaves out values that the contract refuses, each with the reason. */
function acceptable(given: Readonly<Record<string, unknown>>, problems: string[]): ParsedConfig {
  const options: Record<string, unknown> = {}
  for (const { name, snakeName } of trainingOptionDescriptions) {
    if (given[name] === undefined) continue
    const checked = shape[name]?.safeParse(given[name])
    if (checked?.success) options[name] = given[name]
    else problems.push(`${snakeName}: ${checked?.error.issues[0]?.message ?? "not acceptable"}`)
  }
  return { options, problems }
}

/** The page docs/configuration.md, written from the schemas so that it cannot say something else than they do. */

import { generationConfig, trainingOptions } from "@fjord/contracts"
import { z } from "zod"
import { toFlag, toSnakeCase } from "./optionNames.ts"

type Property = z.core.JSONSchema.JSONSchema

function typeOf(property: Property): string {
  if (property.enum !== undefined) return property.enum.map((value) => `\`${value}\``).join(", ")
  if (property.const !== undefined) return `\`${property.const}\``
  if (property.type === "array") return "list"
  const bounds: string[] = []
  if (property.exclusiveMinimum !== undefined) bounds.push(`> ${property.exclusiveMinimum}`)
  if (property.minimum !== undefined) bounds.push(`≥ ${property.minimum}`)
  if (property.exclusiveMaximum !== undefined) bounds.push(`< ${property.exclusiveMaximum}`)
  if (property.maximum !== undefined && property.maximum !== Number.MAX_SAFE_INTEGER)
    bounds.push(`≤ ${property.maximum}`)
  if (property.multipleOf !== undefined && property.multipleOf !== 1) bounds.push(`multiple of ${property.multipleOf}`)
  const name = property.type === "string" ? "text" : property.type === "integer" ? "whole number" : property.type
  return [name, ...bounds].join(" ")
}

function table(schema: z.ZodType, nameOf: (key: string) => string): string {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: "input" })
  const rows = Object.entries(properties).map(([key, property]) => {
    if (typeof property === "boolean") throw new Error(`The schema of ${key} has no description to print.`)
    const fallback = property.default === undefined ? "" : `\`${JSON.stringify(property.default)}\``
    const standing = required.includes(key) ? "required" : fallback === "" ? "absent" : fallback
    const absence = typeof property.absent === "string" ? ` Absent means ${property.absent}.` : ""
    return `| \`${nameOf(key)}\` | ${typeOf(property)} | ${standing} | ${property.description ?? ""}${absence} |`
  })
  return ["| option | value | default | meaning |", "| --- | --- | --- | --- |", ...rows].join("\n")
}

/** Flags that may be given several times, each for one entry of a list. */
const generateFlags: Readonly<Record<string, string>> = { loras: "--lora", embeddings: "--embedding" }

export function configurationDocument(): string {
  return `# Configuration

Written by \`scripts/configurationTable.ts\` from the schemas in \`packages/contracts\`; do not edit it by hand.
Relative paths start at the folder in which the command is run.

A model folder may hold \`fjord.json\`: settings that suit this model where the defaults below do not, e.g.
\`{ "training": { "lora": { "learningRate": 1e-3 }, "full": {} }, "generation": { "guidanceScale": 4 } }\`, by the names
of [the API](api.md). They take the place of the defaults; what a config or a flag says comes before them.

## Training: \`fjord train CONFIG.yml\`

The tutorial's file with \`train_params\` and \`eval_params\` is accepted too. Unknown keys are errors.

${table(trainingOptions, toSnakeCase)}

## Generation: \`fjord generate\`

The same options in snake_case make a file for \`--config\`. A LoRA is given as \`--lora FILE:WEIGHT\`, in a file as
\`loras: [{ file: …, weight: … }]\`. \`--config\` with a training file uses the model which that run makes.

With \`--init-image\`, an image is made from a picture: it is noised to where the last \`steps\` · \`strength\` steps begin,
and these are made, exactly as diffusers' StableDiffusionImg2ImgPipeline does. Without \`--width\` and \`--height\` the image has
the picture's size, rounded down to the model's multiple; with one of them the other follows the picture's proportions, with
both the picture is stretched to them. A picture of more than four times the pixels that the model was made for is made
smaller, with a warning.

${table(generationConfig, (key) => generateFlags[key] ?? toFlag(key))}
`
}

/** The configuration of a model's component, as its schema understands it. */

import { basename } from "node:path"
import type { z } from "zod"
import type { JsonObject } from "../folder/json.ts"
import { UnsupportedError } from "../unsupported.ts"

interface ConfiguredComponent {
  readonly directory: string
  readonly config: JsonObject
}

/** @throws UnsupportedError: one sentence that names every option for which Fjord has no network. */
export function modelConfig<Schema extends z.ZodType>(schema: Schema, component: ConfiguredComponent): z.infer<Schema> {
  const result = schema.safeParse(component.config)
  if (result.success) return result.data
  const options = result.error.issues.map(({ path, message }) => {
    const value = path.reduce<unknown>((inner, key) => Object(inner)[key], component.config)
    return `${path.join(".")} is ${JSON.stringify(value)} (${message.replace(/^Invalid \w+: /, "")})`
  })
  throw new UnsupportedError(
    `${basename(component.directory)}/config.json of ${component.directory}: ${options.join("; ")}; ` +
      "Fjord computes the networks of Stable Diffusion 1.x, 2.x and XL, use a model of these.",
  )
}

/** What a local model's own file says suits it; a person's options are laid over it. */

import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { type ModelSettings, modelSettingsFile, noModelSettings, parseModelSettings } from "@fjord/contracts"
import { ZodError, z } from "zod"
import { Sentence } from "./sentence.ts"

/** @throws Sentence where the model has such a file and it cannot be understood. */
export function settingsOfModel(model: unknown): ModelSettings {
  if (typeof model !== "string") return noModelSettings
  const file = join(model, modelSettingsFile)
  if (!existsSync(file)) return noModelSettings
  try {
    return parseModelSettings(JSON.parse(readFileSync(file, "utf8")))
  } catch (cause) {
    const why = cause instanceof ZodError ? z.prettifyError(cause).replaceAll(/\s*\n\s*/g, " ") : String(cause)
    throw new Sentence(`${file} is not understood (${why}); mend it or delete it.`, { cause })
  }
}

/** The settings that a base model suggests for its trainings. */

import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { type ModelSettings, modelSettingsFile, noModelSettings, parseModelSettings } from "@fjord/contracts"
import type { BaseModel } from "@fjord/db/prisma"
import { starterFolder } from "./starterModel.ts"

/** What the model's own file says suits it; a file that is missing, elsewhere or not understood suggests nothing. */
export async function settingsOf({
  source,
  family,
  location,
}: Pick<BaseModel, "source" | "family" | "location">): Promise<ModelSettings> {
  // A model that was trained on the starter model is as small.
  const isStarter = source === "STARTER" || family === "starter"
  const folder = isStarter ? starterFolder : source === "FOLDER" ? location : undefined
  if (folder === undefined) return noModelSettings
  try {
    return parseModelSettings(JSON.parse(await readFile(join(folder, modelSettingsFile), "utf8")))
  } catch {
    return noModelSettings
  }
}

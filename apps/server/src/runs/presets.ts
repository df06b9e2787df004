/** Presets of training options. */

import { type TrainingRunOptions, trainingRunOptions } from "@fjord/contracts"
import type { Preset } from "@fjord/db/prisma"
import { owned, requireRole } from "../access.ts"
import type { Context } from "../context.ts"
import { type GivenOptions, withoutNulls } from "../options.ts"
import { checkedName } from "../text.ts"
import { checkedConfig } from "./config.ts"

export async function savePreset(
  context: Context,
  input: { teamId: string; name: string; options: GivenOptions<TrainingRunOptions> },
): Promise<Preset> {
  const { teamId } = input
  requireRole(context, teamId, "EDITOR")
  const name = checkedName(input.name)
  // What was not given stays open, so that it follows the concept and the model to which the preset is applied.
  const config = withoutNulls<TrainingRunOptions>(input.options)
  checkedConfig(trainingRunOptions, config)
  return context.database.preset.upsert({
    where: { teamId_name: { teamId, name } },
    create: { teamId, name, config },
    update: { config },
  })
}

export async function deletePreset(context: Context, id: string): Promise<string> {
  await owned(context, "EDITOR", "preset", context.database.preset.findUnique({ where: { id } }))
  await context.database.preset.delete({ where: { id } })
  return id
}

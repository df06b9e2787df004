/** Models: made of checkpoints, named, deleted. */

import type { Model } from "@fjord/db/prisma"
import { owned } from "../access.ts"
import type { Context } from "../context.ts"
import { ConflictError } from "../expectedError.ts"
import { optionsOf } from "../runs/config.ts"
import { queueRun } from "../runs/queueRun.ts"
import { checkedName, checkedText } from "../text.ts"

export const ownedModel = (context: Context, id: string, role: "VIEWER" | "EDITOR" = "EDITOR") =>
  owned(context, role, "model", context.database.model.findUnique({ where: { id } }))

/** The row comes at once, the files when the worker has written them. */
export async function promoteCheckpoint(context: Context, checkpointId: string, name: string): Promise<Model> {
  const { database } = context
  const found = database.checkpoint.findUnique({ where: { id: checkpointId }, include: { run: true } })
  const checkpoint = await found
  const run = await owned(context, "EDITOR", "checkpoint", Promise.resolve(checkpoint?.run ?? null))
  const step = checkpoint?.step ?? null
  const known = await database.model.findFirst({ where: { runId: run.id, step } })
  if (known !== null) throw new ConflictError(`This checkpoint is a model already: ${known.name}.`)
  const options = optionsOf(run.config)
  const model = await database.model.create({
    data: {
      teamId: run.teamId,
      name: checkedName(name),
      kind: options.method === "lora" ? "LORA" : "FULL",
      runId: run.id,
      step,
      baseModelId: run.baseModelId,
      instancePrompt: options.instancePrompt ?? null,
    },
  })
  await queueRun(context, {
    teamId: run.teamId,
    createdById: context.viewer?.user.id ?? null,
    kind: "TRANSFER",
    name: `Files of ${model.name}`,
    config: { kind: "promoteCheckpoint", checkpointId, modelId: model.id },
    // Copying files takes seconds and somebody waits for it.
    priority: 100,
  })
  return model
}

export async function updateModel(
  context: Context,
  id: string,
  changes: { name?: string; instancePrompt?: string },
): Promise<Model> {
  await ownedModel(context, id)
  const { name, instancePrompt } = changes
  return context.database.model.update({
    where: { id },
    data: {
      ...(name !== undefined && { name: checkedName(name) }),
      ...(instancePrompt !== undefined && { instancePrompt: checkedText(instancePrompt, "instancePrompt", 1000) }),
    },
  })
}

export async function deleteModel(context: Context, id: string): Promise<string> {
  await ownedModel(context, id)
  const used = await context.database.baseModel.findFirst({ where: { source: "MODEL", location: id } })
  if (used !== null)
    throw new ConflictError(`The base model ${used.name} is made of this model; delete that one first.`)
  await context.database.model.delete({ where: { id } })
  return id
}

/** What the configs of a model folder say of the model, before anybody loads it. */

import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { z } from "zod"

const unetConfig = z.object({
  sample_size: z.number().int().positive(),
  cross_attention_dim: z.union([z.number(), z.array(z.number())]).optional(),
})
const vaeConfig = z.object({ block_out_channels: z.array(z.number()).min(1) })
const schedulerConfig = z.object({ prediction_type: z.string().optional() })

async function readConfig<Shape>(path: string, shape: z.ZodType<Shape>): Promise<Shape | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined)
  if (text === undefined) return undefined
  try {
    return shape.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/** The width of the text encoder tells the families apart; of SD 2.x, those that predict v learn differently. */
function familyOf(width: number | undefined, prediction: string | undefined): string | null {
  if (width === 768) return "sd1"
  if (width === 1024) return prediction === "v_prediction" ? "sd2v" : "sd2"
  return width === 2048 ? "sdxl" : null
}

export type FolderFacts = { readonly resolution: number | null; readonly family: string | null }

/**
 * @param folder in diffusers' layout; it may be on another machine, and then nothing is known
 * @returns the side in pixels that the UNet was made for, and sd1, sd2, sd2v or sdxl
 */
export async function folderFacts(folder: string): Promise<FolderFacts> {
  const [unet, vae, scheduler] = await Promise.all([
    readConfig(join(folder, "unet", "config.json"), unetConfig),
    readConfig(join(folder, "vae", "config.json"), vaeConfig),
    readConfig(join(folder, "scheduler", "scheduler_config.json"), schedulerConfig),
  ])
  // Every block of the VAE but the last halves the side.
  const side = unet && vae ? unet.sample_size * 2 ** (vae.block_out_channels.length - 1) : 0
  const width = unet?.cross_attention_dim
  return {
    resolution: side >= 8 && side <= 4096 && side % 8 === 0 ? side : null,
    family: familyOf(typeof width === "number" ? width : width?.[0], scheduler?.prediction_type),
  }
}

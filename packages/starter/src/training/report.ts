/** What a training leaves for readers: the model card beside the weights, the losses as a picture beside the logs. */

import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { StageOptions } from "./autoencoderStage.ts"
import type { Learner } from "./learner.ts"
import { readLog } from "./log.ts"
import { lossChart } from "./lossChart.ts"
import { modelCard } from "./modelCard.ts"
import type { Recipe } from "./train.ts"
import { psnr, reconstruct } from "./trainAutoencoder.ts"

/** Held-out scenes that the autoencoder is measured on. */
const measured = 24

/** Writes README.md to `folder` and losses.svg to the training's directory. */
export async function writeReport(
  { directory, architecture, nets }: StageOptions,
  { seed, threads, autoencoder: first, scenes, denoiser: second }: Recipe,
  trained: { readonly autoencoder: Learner; readonly denoiser: Learner; readonly folder: string },
): Promise<void> {
  const { autoencoder, denoiser, folder } = trained
  const quality = await reconstruct(autoencoder, nets, architecture.resolution, threads, measured)
  const logs = {
    autoencoder: await readLog(join(directory, "autoencoder.jsonl")),
    denoiser: await readLog(join(directory, "denoiser.jsonl")),
  }
  const last = logs.denoiser.slice(-10).map(({ loss }) => loss)
  const values = [autoencoder, denoiser].flatMap(({ parameters }) => [...parameters.values()])
  const card = modelCard({
    seed,
    resolution: architecture.resolution,
    parameters: values.reduce((sum, { length }) => sum + length, 0),
    autoencoder: { ...quality, steps: autoencoder.step, batch: first.batch },
    scenes,
    denoiser: {
      steps: denoiser.step,
      batch: second.batch,
      loss: last.length === 0 ? undefined : last.reduce((sum, loss) => sum + loss) / last.length,
    },
  })
  await writeFile(join(folder, "README.md"), card)
  const chart = lossChart([
    {
      title: "Autoencoder: PSNR of the training scenes in dB",
      entries: logs.autoencoder,
      value: (entry) => psnr(entry.values.squaredError ?? 1),
    },
    { title: "Text encoder and UNet: loss", entries: logs.denoiser, value: ({ loss }) => loss },
  ])
  await writeFile(join(directory, "losses.svg"), chart)
}

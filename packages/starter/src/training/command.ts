/** `train`: the recipe as a command that may be stopped at any moment and goes on where it was. */

import { resolve } from "node:path"
import { parseArgs } from "node:util"
import { z } from "zod"
import { starterArchitecture } from "./architecture.ts"
import { starterRecipe, trainStarter } from "./train.ts"

export const trainUsage = `  train [--out .fjord/starter/run] [--threads N] [--seed N] [--autoencoder-steps N] [--scenes N] [--steps N]
        [--only autoencoder|denoiser] [--from DIR] [--export DIR]
                                             trains the model, or goes on with it; --from begins with another model's
                                             weights; --export only writes what there is`

/** @throws where an option is unknown or no number. */
export async function trainCommand(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      out: { type: "string", default: ".fjord/starter/run" },
      threads: { type: "string", default: `${starterRecipe.threads}` },
      seed: { type: "string", default: `${starterRecipe.seed}` },
      "autoencoder-steps": { type: "string", default: `${starterRecipe.autoencoder.steps}` },
      scenes: { type: "string", default: `${starterRecipe.scenes}` },
      steps: { type: "string", default: `${starterRecipe.denoiser.steps}` },
      only: { type: "string" },
      from: { type: "string" },
      export: { type: "string" },
    },
  })
  const count = (name: "threads" | "seed" | "autoencoder-steps" | "scenes" | "steps") => {
    const number = Number(values[name])
    if (!Number.isInteger(number) || number < 0) throw new Error(`--${name} needs a whole number, got ${values[name]}.`)
    return number
  }
  const stop = new AbortController()
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => stop.abort(new Error("Stopped with a checkpoint; the same command goes on.")))
  const recipe = {
    ...starterRecipe,
    seed: count("seed"),
    threads: count("threads"),
    scenes: count("scenes"),
    autoencoder: { ...starterRecipe.autoencoder, steps: count("autoencoder-steps") },
    denoiser: { ...starterRecipe.denoiser, steps: count("steps") },
  }
  const training = trainStarter(starterArchitecture, recipe, {
    directory: resolve(values.out),
    from: values.from === undefined ? undefined : resolve(values.from),
    only: z.enum(["autoencoder", "denoiser"]).optional().parse(values.only),
    exportTo: values.export === undefined ? undefined : resolve(values.export),
    checkpointSeconds: 180,
    logInterval: 50,
    sheetInterval: 500,
    say: (line) => console.error(`${new Date().toTimeString().slice(0, 8)} ${line}`),
    signal: stop.signal,
  })
  await training.catch((cause: unknown) => {
    if (cause !== stop.signal.reason) throw cause
    console.error(stop.signal.reason.message)
    process.exitCode = 130
  })
}

/** Old names of VAE weights (Hub files of SD 1.4/1.5) against the modern ones. */
import { readdir, readFile, stat } from "node:fs/promises"
import { join } from "node:path"
import { openSafetensors, readFloat32 } from "@fjord/engine"
import { catalogueOf, modernKey, type WeightCatalogue } from "../../packages/diffusion/src/folder/weightCatalogue.ts"
import { attempt, maxAbsoluteError, type ParityCase } from "./case.ts"

async function openVae(directory: string): Promise<WeightCatalogue> {
  const names = (await readdir(directory)).filter((name) => name.endsWith(".safetensors")).sort()
  return catalogueOf("vae", await Promise.all(names.map((name) => openSafetensors(join(directory, name)))))
}

/** Largest difference of any weight; Infinity where names or shapes differ. */
async function catalogueError(actual: WeightCatalogue, expected: WeightCatalogue): Promise<number> {
  if (actual.size !== expected.size) return Number.POSITIVE_INFINITY
  let worst = 0
  for (const [name, entry] of expected) {
    const other = actual.get(name)
    if (other === undefined || other.shape.join() !== entry.shape.join()) return Number.POSITIVE_INFINITY
    const values = [await readFloat32(other.file, other.key), await readFloat32(entry.file, entry.key)] as const
    worst = Math.max(worst, maxAbsoluteError(...values))
  }
  return worst
}

/** pipelines/P/vae_legacy_names.json (legacy key → modern key) and pipelines/P/vae_legacy_names/ (a whole VAE). */
export async function* weightNames(directory: string): AsyncGenerator<ParityCase> {
  const pipelines = join(directory, "pipelines")
  for (const pipeline of (await readdir(pipelines).catch(() => [])).sort()) {
    const table = await readFile(join(pipelines, pipeline, "vae_legacy_names.json"), "utf8").catch(() => null)
    if (table !== null) {
      const names = Object.entries<unknown>(JSON.parse(table))
      const wrong = names.filter(([legacy, modern]) => modernKey("vae", legacy) !== modern).length
      yield { name: `pipelines/${pipeline}/vae_legacy_names.json`, error: wrong, tolerance: 0 }
    }
    const legacy = join(pipelines, pipeline, "vae_legacy_names")
    if ((await stat(legacy).catch(() => null))?.isDirectory()) {
      const name = `pipelines/${pipeline}/vae_legacy_names`
      yield* attempt(name, async function* () {
        const error = await catalogueError(await openVae(legacy), await openVae(join(pipelines, pipeline, "vae")))
        yield { name, error, tolerance: 0 }
      })
    }
  }
}

/** LoRA files of diffusers and PEFT: every key is understood, nothing is lost on the way through our own files. */
import { mkdtemp, readdir, rm, stat } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { openSafetensors, readFloat32 } from "@fjord/engine"
import { type ModelFolder, openModelFolder } from "../../packages/diffusion/src/folder/modelFolder.ts"
import { type LoraFile, type LoraLayer, loadLora, loraModules } from "../../packages/diffusion/src/lora/loadLora.ts"
import { foldAlpha } from "../../packages/diffusion/src/lora/loraForms.ts"
import type { LoraModuleNames } from "../../packages/diffusion/src/lora/loraKeys.ts"
import { saveLora } from "../../packages/diffusion/src/lora/saveLora.ts"
import { attempt, maxAbsoluteError, type ParityCase } from "./case.ts"

const weightsFile = "pytorch_lora_weights.safetensors"
const classicFile = "pytorch_lora_weights_classic_prefix.safetensors"

function moduleNames({ unet, textEncoder, textEncoder2 }: ModelFolder): LoraModuleNames {
  return {
    unet: loraModules(unet.weights),
    textEncoder: loraModules(textEncoder.weights),
    ...(textEncoder2 === null ? {} : { textEncoder2: loraModules(textEncoder2.weights) }),
  }
}

/** Largest difference of any number, rank or alpha; Infinity where modules or shapes differ. */
function layersError(actual: readonly LoraLayer[], expected: readonly LoraLayer[]): number {
  const identity = (layers: readonly LoraLayer[]) =>
    JSON.stringify(layers.map(({ component, module, down, up }) => [component, module, down.shape, up.shape]))
  if (identity(actual) !== identity(expected)) return Number.POSITIVE_INFINITY
  let worst = 0
  expected.forEach((layer, i) => {
    const other = actual[i]
    if (other === undefined) return
    worst = Math.max(
      worst,
      maxAbsoluteError(other.down.data, layer.down.data),
      maxAbsoluteError(other.up.data, layer.up.data),
      Math.abs(Math.fround(other.alpha) - Math.fround(layer.alpha)),
      Math.abs(other.rank - layer.rank),
    )
  })
  return worst
}

/** Numbers that a file's tensors and the layers that came of them differ in, with how many tensors are unaccounted for. */
async function readingError(path: string, { layers }: LoraFile): Promise<number> {
  const file = await openSafetensors(path)
  const isAlpha = (key: string) => key.endsWith(".alpha")
  const keys = [...file.tensors.keys()].filter((key) => !isAlpha(key))
  let worst = Math.abs(keys.length - 2 * layers.length)
  // Sums over squares say that each stored tensor arrived, independently of how its key is understood.
  const stored = new Map<number, number>()
  const count = (data: Float32Array, by: number) => {
    const sum = data.reduce((total, value, i) => total + value * value * ((i % 97) + 1), 0)
    stored.set(sum, (stored.get(sum) ?? 0) + by)
  }
  for (const key of keys) count(await readFloat32(file, key), 1)
  for (const { down, up } of layers) {
    count(down.data, -1)
    count(up.data, -1)
  }
  for (const left of stored.values()) worst = Math.max(worst, Math.abs(left))
  return worst
}

/** How far metadata's r and lora_alpha are from what was read; 0 where the file has no patterns and says the same. */
function metadataError({ metadata, layers }: LoraFile): number | null {
  const text = metadata.lora_adapter_metadata
  if (text === undefined) return null
  const values: Record<string, unknown> = JSON.parse(text)
  let worst = 0
  for (const { component, rank, alpha } of layers) {
    const [r, loraAlpha] = [values[`${component}.r`], values[`${component}.lora_alpha`]]
    const patterns = [values[`${component}.rank_pattern`], values[`${component}.alpha_pattern`]]
    const hasPatterns = patterns.some((pattern) => Object.keys(pattern ?? {}).length > 0)
    if (hasPatterns || values[`${component}.use_rslora`] === true) continue
    if (typeof r === "number") worst = Math.max(worst, Math.abs(r - rank))
    if (typeof loraAlpha === "number") worst = Math.max(worst, Math.abs(loraAlpha - alpha))
  }
  return worst
}

/** Keys in which our file and the reference's differ; Infinity where the tensors of a common key differ. */
async function fileError(actualPath: string, expectedPath: string): Promise<number> {
  const [actual, expected] = [await openSafetensors(actualPath), await openSafetensors(expectedPath)]
  let differing = [...actual.tensors.keys()].filter((key) => !expected.tensors.has(key)).length
  for (const [key, { shape }] of expected.tensors) {
    const own = actual.tensors.get(key)
    if (own === undefined) differing++
    else if (own.shape.join() !== shape.join()) return Number.POSITIVE_INFINITY
    else if (maxAbsoluteError(await readFloat32(actual, key), await readFloat32(expected, key)) > 0) {
      return Number.POSITIVE_INFINITY
    }
  }
  return differing
}

async function* fileCases(name: string, path: string, names: LoraModuleNames): AsyncGenerator<ParityCase> {
  const file = await loadLora(path, names)
  yield { name: `${name}: every tensor is read`, error: await readingError(path, file), tolerance: 0 }
  const metadata = metadataError(file)
  if (metadata !== null) yield { name: `${name}: rank and alpha`, error: metadata, tolerance: 0 }
  const temporary = await mkdtemp(join(tmpdir(), "fjord-parity-lora-"))
  try {
    const saved = await saveLora(temporary, file.layers, { name: "parity" })
    const plain = await loadLora(saved.diffusersPath, names)
    const kohya = await loadLora(saved.kohyaPath, names)
    const again = await saveLora(join(temporary, "again"), kohya.layers, { name: "parity" })
    yield {
      name: `${name}: diffusers round trip`,
      error: layersError(plain.layers, file.layers.map(foldAlpha)),
      tolerance: 0,
    }
    yield { name: `${name}: kohya round trip`, error: layersError(kohya.layers, file.layers), tolerance: 0 }
    const error = await fileError(again.diffusersPath, saved.diffusersPath)
    yield { name: `${name}: diffusers → kohya → diffusers`, error, tolerance: 0 }
    // With alpha ≠ rank our file has alpha folded into its numbers and cannot be equal.
    if (name.endsWith(classicFile) && file.layers.every(({ alpha, rank }) => alpha === rank)) {
      yield {
        name: `${name}: our file has its keys and numbers`,
        error: await fileError(saved.diffusersPath, path),
        tolerance: 0,
      }
    }
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

async function subdirectories(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isFile() ?? false
}

/** training/P/lora_<name>/ against the modules of pipelines/P. */
export async function* loraFiles(directory: string): AsyncGenerator<ParityCase> {
  for (const pipeline of await subdirectories(join(directory, "training"))) {
    const runs = (await subdirectories(join(directory, "training", pipeline))).filter((run) => run.startsWith("lora_"))
    if (runs.length === 0 || !(await isFile(join(directory, "pipelines", pipeline, "model_index.json")))) continue
    for (const run of runs)
      yield* attempt(`training/${pipeline}/${run}`, async function* () {
        const names = moduleNames(await openModelFolder(join(directory, "pipelines", pipeline)))
        const folder = join(directory, "training", pipeline, run)
        const [plain, classic] = [join(folder, weightsFile), join(folder, classicFile)]
        for (const path of [plain, classic]) {
          if (await isFile(path)) yield* fileCases(path.slice(directory.length).replace(/^[/\\]/, ""), path, names)
        }
        if ((await isFile(plain)) && (await isFile(classic))) {
          const [bare, prefixed] = [await loadLora(plain, names), await loadLora(classic, names)]
          const error = layersError(bare.layers, prefixed.layers)
          yield { name: `training/${pipeline}/${run}: equal with and without text_model.`, error, tolerance: 0 }
        }
      })
  }
}

/** Rank and alpha in `lora_adapter_metadata`, the JSON that diffusers ≥ 0.34 keeps in a LoRA file's metadata. */
import { isJsonObject, type JsonObject } from "../folder/json.ts"
import type { LoraComponent } from "./loraKeys.ts"

/** Effective alpha of a module whose file has no alpha tensor. */
export interface AdapterMetadata {
  /** Scaling is alpha / rank. Returns `rank` where the metadata says nothing. */
  alphaOf(component: LoraComponent, module: string, rank: number): number
}

const literalPattern = /^\^?(\(\.\*\\?\.\)\?)?[\w.\\]+\$?$/

/**
 * Whether a PEFT pattern names this module: `re.match("(.*\.)?(PATTERN)$", module)` of peft/utils/other.py.
 * Only literal patterns are read (they are what is written in practice): a stranger's regular expression could
 * take forever to match.
 */
function patternMatches(pattern: string, module: string, path: string): boolean {
  if (!literalPattern.test(pattern)) {
    throw new Error(
      `The LoRA file ${path} has the rank or alpha pattern "${pattern}" in lora_adapter_metadata; only plain module ` +
        "names are read there; write the file again with plain names.",
    )
  }
  const bare = pattern.replace(/^\^/, "").replace("(.*\\.)?", "").replaceAll("\\", "").replace(/\$$/, "")
  const name = bare.replace(/(\.base_layer)+$/, "")
  const whole = pattern.startsWith("^") && !pattern.includes("(.*")
  return module === name || (!whole && module.endsWith(`.${name}`))
}

function numberIn(value: unknown, what: string, path: string): number {
  if (typeof value === "number" && Number.isFinite(value)) return value
  throw new Error(`The LoRA file ${path} has ${what} ${JSON.stringify(value)} in its metadata; wanted a finite number.`)
}

function alphaFrom(metadata: JsonObject, component: LoraComponent, module: string, path: string): number | null {
  const pattern = metadata[`${component}.alpha_pattern`]
  if (isJsonObject(pattern)) {
    const spellings = [module, module.replace(/^text_model\./, "")]
    for (const [name, alpha] of Object.entries(pattern)) {
      if (spellings.some((spelling) => patternMatches(name, spelling, path)))
        return numberIn(alpha, "an alpha of", path)
    }
  }
  const alpha = metadata[`${component}.lora_alpha`]
  return alpha === undefined || alpha === null ? null : numberIn(alpha, "a lora_alpha of", path)
}

/** Reads `lora_adapter_metadata`; throws one sentence for DoRA and for JSON that cannot be read. */
export function readAdapterMetadata(text: string | undefined, path: string): AdapterMetadata {
  if (text === undefined) return { alphaOf: (_component, _module, rank) => rank }
  let metadata: unknown
  try {
    metadata = JSON.parse(text)
  } catch (cause) {
    throw new Error(`The LoRA file ${path} has lora_adapter_metadata that is not JSON; fetch the file again.`, {
      cause,
    })
  }
  if (!isJsonObject(metadata)) {
    throw new Error(`The LoRA file ${path} has lora_adapter_metadata that is no JSON object; fetch the file again.`)
  }
  const values = metadata
  for (const [key, value] of Object.entries(values)) {
    if (key.endsWith(".use_dora") && value === true) {
      throw new Error(
        `The LoRA file ${path} is DoRA (use_dora in its metadata), which is not supported; use plain LoRA.`,
      )
    }
  }
  return {
    alphaOf(component, module, rank) {
      const alpha = alphaFrom(values, component, module, path)
      if (alpha === null) return rank
      // Rank-stabilised LoRA scales by alpha / √rank; as alpha of the usual alpha / rank that is alpha · √rank.
      return values[`${component}.use_rslora`] === true ? alpha * Math.sqrt(rank) : alpha
    },
  }
}

/** A layer as the metadata needs it. */
interface RankedModule {
  readonly component: LoraComponent
  readonly module: string
  readonly rank: number
}

/**
 * `lora_adapter_metadata` for layers whose alpha is their rank, with only such keys as every LoraConfig knows.
 * Text encoder modules are named without `text_model.`, which PEFT's match by ending finds with and without it.
 */
export function writeAdapterMetadata(layers: readonly RankedModule[]): string {
  const metadata: JsonObject = {}
  for (const component of ["text_encoder", "text_encoder_2", "unet"] as const) {
    const own = layers.filter((layer) => layer.component === component)
    const counts = new Map<number, number>()
    for (const { rank } of own) counts.set(rank, (counts.get(rank) ?? 0) + 1)
    const [common] = [...counts].sort(([a, m], [b, n]) => n - m || a - b)
    if (common === undefined) continue
    const [rank] = common
    const targets = own.map((layer) => layer.module.replace(/^text_model\./, ""))
    const pattern: JsonObject = {}
    own.forEach((layer, i) => {
      const target = targets[i]
      if (layer.rank !== rank && target !== undefined) pattern[target] = layer.rank
    })
    metadata[`${component}.alpha_pattern`] = { ...pattern }
    metadata[`${component}.bias`] = "none"
    metadata[`${component}.lora_alpha`] = rank
    metadata[`${component}.peft_type`] = "LORA"
    metadata[`${component}.r`] = rank
    metadata[`${component}.rank_pattern`] = pattern
    metadata[`${component}.target_modules`] = targets
  }
  return JSON.stringify(metadata, null, 2)
}

/**
 * The names LoRA files give their tensors, and the modules of the model they mean.
 * Sources: diffusers 0.40 utils/state_dict_utils.py (UNET_TO_DIFFUSERS, DIFFUSERS_OLD_TO_PEFT), loaders/lora_base.py;
 * PEFT 0.20 tuners/lora; kohya-ss/sd-scripts networks/lora.py.
 */

import { unetOriginalNames } from "../formats/originalNames.ts"

/** A model part that LoRA layers belong to. */
export type LoraComponent = "unet" | "text_encoder" | "text_encoder_2"

/**
 * Paths of the modules (Linear, Conv2d) that a LoRA may change: a weight's key without ".weight".
 * Text encoder paths start with `text_model.`.
 */
export interface LoraModuleNames {
  readonly unet: readonly string[]
  readonly textEncoder: readonly string[]
  readonly textEncoder2?: readonly string[]
}

/** What a tensor is for its module. */
export type LoraPart = "down" | "up" | "alpha"

/** A key taken apart: where the tensor belongs. */
export interface LoraKey {
  readonly component: LoraComponent
  readonly module: string
  readonly part: LoraPart
}

/** Endings of LoRA keys. Old attention processors put the part into the module's name and are resolved after this. */
const endings: readonly (readonly [RegExp, LoraPart])[] = [
  [/\.lora\.down\.weight$/, "down"], // diffusers
  [/\.lora\.up\.weight$/, "up"],
  [/\.lora_linear_layer\.down\.weight$/, "down"], // diffusers, text encoder
  [/\.lora_linear_layer\.up\.weight$/, "up"],
  [/\.lora_A(\.\w+)?\.weight$/, "down"], // PEFT, with or without the adapter's name
  [/\.lora_B(\.\w+)?\.weight$/, "up"],
  [/\.lora_down\.weight$/, "down"], // kohya
  [/\.lora_up\.weight$/, "up"],
  [/_lora\.down\.weight$/, "down"], // old attention processors: to_q_lora.down
  [/_lora\.up\.weight$/, "up"],
  [/(_lora)?\.alpha$/, "alpha"],
]

/** Old names of attention projections inside a text encoder's self_attn. */
const oldTextProjections: ReadonlyMap<string, string> = new Map([
  ["to_q", "q_proj"],
  ["to_k", "k_proj"],
  ["to_v", "v_proj"],
  ["to_out", "out_proj"],
])

/** Prefixes of kohya files, longest first. `lora_te_` is SD 1.x and 2.x, `lora_te1_`/`lora_te2_` SDXL. */
const kohyaPrefixes: readonly (readonly [string, LoraComponent])[] = [
  ["lora_te1_", "text_encoder"],
  ["lora_te2_", "text_encoder_2"],
  ["lora_unet_", "unet"],
  ["lora_te_", "text_encoder"],
]

const dottedPrefixes: readonly (readonly [string, LoraComponent])[] = [
  ["text_encoder_2.", "text_encoder_2"],
  ["text_encoder.", "text_encoder"],
  ["unet.", "unet"],
]

/** Marks of adapters that are no plain LoRA, and what they are called. */
const otherAdapters: readonly (readonly [RegExp, string])[] = [
  [/(^|[._])dora_scale$|lora_magnitude_vector/, "DoRA"],
  [/[._]hada_(w|t)\d/, "LoHa (LyCORIS)"],
  [/[._]lokr_(w|t)\d/, "LoKr (LyCORIS)"],
  [/\.lora_mid\.weight$/, "LoCon with Tucker decomposition (LyCORIS)"],
  [/[._]oft_(blocks|diag|R|r)(\.|$)/, "OFT"],
  [/[._]boft_/, "BOFT"],
  [/\.(a1|a2|b1|b2)\.weight$/, "GLoRA (LyCORIS)"],
  [/\.on_input$|[._]ia3_/, "(IA)³"],
  [/[._]vera_lambda|[._]lora_E(\.\w+)?$/, "VeRA or AdaLoRA"],
  [/\.diff(_b)?$|\.w_norm$|\.b_norm$/, "a full weight difference"],
  [/\.base_layer\.(weight|bias)$/, "a whole model saved with PEFT's adapter still around its layers"],
  [/\.lora_(A|B|up|down)(\.\w+)?\.bias$|\.lora\.(up|down)\.bias$/, "LoRA with trained biases"],
]

/** Name of the adapter kind that a key belongs to when it is no plain LoRA, else null. */
export function otherAdapterKind(key: string): string | null {
  return otherAdapters.find(([mark]) => mark.test(key))?.[1] ?? null
}

/** kohya's name of a module: prefix and path with underscores. SDXL numbers its text encoders. */
export function kohyaModuleName(component: LoraComponent, module: string, numberedTextEncoders: boolean): string {
  const prefix =
    component === "unet"
      ? "lora_unet"
      : component === "text_encoder_2"
        ? "lora_te2"
        : numberedTextEncoders
          ? "lora_te1"
          : "lora_te"
  return `${prefix}_${module.replaceAll(".", "_")}`
}

/** PEFT's key of a LoRA tensor, in the adapter of its own component. */
export function peftKey(module: string, part: "down" | "up"): string {
  return `base_model.model.${module}.lora_${part === "down" ? "A" : "B"}.weight`
}

/** The diffusers key of a LoRA tensor, with the published `text_model.` form for text encoders. */
export function diffusersKey(component: LoraComponent, module: string, part: "down" | "up"): string {
  const middle = component === "unet" ? "lora" : "lora_linear_layer"
  return `${component}.${module}.${middle}.${part}.weight`
}

interface ModuleTable {
  readonly modules: ReadonlySet<string>
  /** Underscored path → path. Underscores cannot be turned back blindly: names have underscores of their own. */
  readonly underscored: ReadonlyMap<string, string>
}

/** kohya names the UNet of SDXL as its single file does: `input_blocks_4_1_…`. */
function originalSpellings(names: readonly string[]): [original: string, name: string][] {
  try {
    return [...unetOriginalNames(names)].map(([name, original]) => [original, name])
  } catch {
    // A UNet that no single file could hold has no such names either.
    return []
  }
}

function moduleTable(names: readonly string[], others: readonly (readonly [string, string])[] = []): ModuleTable {
  const underscored = new Map(others.map(([other, name]) => [other.replaceAll(".", "_"), name]))
  for (const name of names) {
    const spellings = [name, ...(name.startsWith("text_model.") ? [name.slice("text_model.".length)] : [])]
    for (const spelling of spellings) underscored.set(spelling.replaceAll(".", "_"), name)
  }
  return { modules: new Set(names), underscored }
}

/** Resolves the keys of LoRA files to modules of one particular model. */
export class LoraKeyResolver {
  readonly #tables: ReadonlyMap<LoraComponent, ModuleTable>

  constructor(names: LoraModuleNames) {
    this.#tables = new Map<LoraComponent, ModuleTable>([
      ["unet", moduleTable(names.unet, originalSpellings(names.unet))],
      ["text_encoder", moduleTable(names.textEncoder)],
      ["text_encoder_2", moduleTable(names.textEncoder2 ?? [])],
    ])
  }

  /** The module and part that a key means, in any of the known styles; null for a key that fits nothing. */
  resolve(key: string): LoraKey | null {
    for (const [ending, part] of endings) {
      const match = ending.exec(key)
      if (match === null) continue
      const found = this.#resolveModule(key.slice(0, match.index))
      if (found !== null) return { ...found, part }
    }
    return null
  }

  #resolveModule(path: string): { component: LoraComponent; module: string } | null {
    for (const [prefix, component] of kohyaPrefixes) {
      if (!path.startsWith(prefix)) continue
      const module = this.#tables.get(component)?.underscored.get(path.slice(prefix.length))
      return module === undefined ? null : { component, module }
    }
    const bare = path.startsWith("base_model.model.") ? path.slice("base_model.model.".length) : path
    for (const [prefix, component] of dottedPrefixes) {
      if (!bare.startsWith(prefix)) continue
      const module = this.#findModule(component, bare.slice(prefix.length))
      return module === null ? null : { component, module }
    }
    // Files of a single part without prefix: the first LoRA files of diffusers (UNet), PEFT's adapter_model files.
    for (const component of ["unet", "text_encoder"] as const) {
      const module = this.#findModule(component, bare)
      if (module !== null) return { component, module }
    }
    return null
  }

  #findModule(component: LoraComponent, path: string): string | null {
    const modules = this.#tables.get(component)?.modules
    return modules === undefined ? null : (spellingsOf(component, path).find((name) => modules.has(name)) ?? null)
  }
}

/** Paths that a stored path may stand for, most literal first. */
function spellingsOf(component: LoraComponent, stored: string): string[] {
  // PEFT's name of a layer that another adapter is around already.
  const path = stored.replace(/(\.base_layer)+$/, "")
  if (component === "unet") {
    const plain = path.replace(".processor.", ".")
    return [path, plain, plain.replace(/\.to_out$/, ".to_out.0")]
  }
  const renamed = path.replace(
    /(?<=\.self_attn\.)(to_q|to_k|to_v|to_out)$/,
    (old) => oldTextProjections.get(old) ?? old,
  )
  return [renamed, `text_model.${renamed}`]
}

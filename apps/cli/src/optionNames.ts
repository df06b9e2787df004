/** How an option is spelt: `use8bitAdam` in TypeScript, `use_8bit_adam` in YAML, `--use-8bit-adam` as a flag. */

import { nearest } from "./nearest.ts"

export function toSnakeCase(camelCase: string): string {
  return camelCase.replace(/([a-z])(\d+[a-z])/g, "$1_$2").replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

export function toFlag(camelCase: string): string {
  return `--${toSnakeCase(camelCase).replaceAll("_", "-")}`
}

/** Names that other trainers give to our options. */
const foreignNames: Readonly<Record<string, string>> = {
  pretrained_model_name_or_path: "model",
  instance_data_dir: "instance_images",
  class_data_dir: "class_images",
  output_dir: "output",
  train_text_encoder_lr: "text_encoder_learning_rate",
  text_encoder_lr: "text_encoder_learning_rate",
  network_dim: "rank",
  network_alpha: "lora_alpha",
  max_gradient_norm: "max_grad_norm",
  use_8bit_optimizer: "use_8bit_adam",
  train_bs: "train_batch_size",
  grad_accum_steps: "gradient_accumulation_steps",
  random_shuffle_train_set: "shuffle",
  min_snr_gamma: "snr_gamma",
  validation_prompt: "validation_prompts",
}

/** The known name that `unknown` probably means: another trainer's word for it, or the nearest in letters. */
function nearestName(unknown: string, known: readonly string[]): string | undefined {
  const foreign = foreignNames[unknown]
  if (foreign !== undefined && known.includes(foreign)) return foreign
  return nearest(unknown, known)
}

/** The sentence about a key that does not exist. */
export function unknownKey(where: string, key: string, known: readonly string[]): string {
  const meant = nearestName(key, known)
  const hint = meant === undefined ? "docs/configuration.md lists all keys" : `did you mean ${meant}?`
  return `${where}: unknown key ${key}; ${hint}${hint.endsWith("?") ? "" : "."}`
}

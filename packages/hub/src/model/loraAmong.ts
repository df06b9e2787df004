/** Which file of a repository is its LoRA. */

import { HubError } from "../hubError.ts"

const usual = "pytorch_lora_weights.safetensors"

/**
 * The usual file of diffusers, or the only weights beside kohya's copy of them.
 * @param files of the repository `id`
 * @throws HubError where there is none, or more than one
 */
export function loraAmong(id: string, files: readonly string[]): string {
  const weights = files.filter((file) => file.endsWith(".safetensors"))
  const [file, ...others] = weights.includes(usual)
    ? [usual]
    : weights.filter((name) => !name.endsWith("_kohya.safetensors"))
  if (file !== undefined && others.length === 0 && !files.includes("model_index.json")) return file
  throw new HubError(
    "badData",
    `${id} has no single LoRA; its files are ${weights.join(", ")}: pull it and name one of them.`,
  )
}

/** A LoRA for a model folder at hand. */

import type { ModelFolder } from "../folder/modelFolder.ts"
import { checkLora, type LoraTarget } from "./checkLora.ts"
import { type LoraFile, loadLora, loraModules } from "./loadLora.ts"

/** Reads a LoRA and checks that it fits the sizes of `target`. @throws one sentence where it does not. */
export async function loadLoraOnto(target: LoraTarget, path: string): Promise<LoraFile> {
  const lora = await loadLora(path, {
    unet: loraModules(target.unet),
    textEncoder: loraModules(target.textEncoder),
    ...(target.textEncoder2 && { textEncoder2: loraModules(target.textEncoder2) }),
  })
  checkLora(lora, target)
  return lora
}

export function loadLoraFor({ unet, textEncoder, textEncoder2 }: ModelFolder, path: string): Promise<LoraFile> {
  return loadLoraOnto(
    {
      unet: unet.weights,
      textEncoder: textEncoder.weights,
      ...(textEncoder2 && { textEncoder2: textEncoder2.weights }),
    },
    path,
  )
}

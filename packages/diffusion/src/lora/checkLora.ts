/** Whether a LoRA fits the sizes of a model: SD 1.x and 2.x share module names but not widths. */
import type { LoraFile, WeightShapes } from "./loadLora.ts"
import type { LoraComponent } from "./loraKeys.ts"

export interface LoraTarget {
  readonly unet: WeightShapes
  readonly textEncoder: WeightShapes
  readonly textEncoder2?: WeightShapes
}

/** A 1×1 convolution is a linear layer; files have either form for either. */
function withoutPointwise(shape: readonly number[]): readonly number[] {
  return shape.length === 4 && shape[2] === 1 && shape[3] === 1 ? shape.slice(0, 2) : shape
}

/** Throws one sentence for the first layer whose up · down has not the shape of the module's weight. */
export function checkLora({ path, layers }: LoraFile, { unet, textEncoder, textEncoder2 }: LoraTarget): void {
  const weights: Record<LoraComponent, WeightShapes | undefined> = {
    unet,
    text_encoder: textEncoder,
    text_encoder_2: textEncoder2,
  }
  for (const { component, module, down, up } of layers) {
    const [out = 0] = up.shape
    const change = withoutPointwise([out, ...down.shape.slice(1)])
    const own = weights[component]?.get(`${module}.weight`)?.shape
    if (own !== undefined && withoutPointwise(own).join() === change.join()) continue
    throw new Error(
      `The LoRA file ${path} is for [${change.join(", ")}] in ${component}.${module}, but this model has ` +
        `${own === undefined ? "no such weight" : `[${own.join(", ")}]`}; use a LoRA that was made for this kind of model.`,
    )
  }
}

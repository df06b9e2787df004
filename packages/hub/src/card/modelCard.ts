/** README.md of a model: front matter from which the Hub's widget and snippets work, and a body for people. */

import { composeFrontMatter, type FrontMatter } from "./frontMatter.ts"
import { type Licence, licenceSentence, type ModelFamily } from "./licence.ts"
import { cellCode, code, plain, pythonString, shellWord, table } from "./markdown.ts"

export type CardSample = {
  readonly prompt: string
  readonly negativePrompt?: string | undefined
  /** Path of the image in the repository. */
  readonly image: string
}

export type ModelCard = {
  /** Heading, and `user/name` for the snippets. */
  readonly title: string
  readonly id: string
  readonly method: "full" | "lora"
  readonly family: ModelFamily
  readonly licence: Licence
  /** Where the base is on the Hub; absent for one that is not there. */
  readonly baseModel?: { readonly id: string; readonly revision?: string | undefined } | undefined
  readonly instancePrompt?: string | undefined
  /** Data set on the Hub. */
  readonly dataset?: string | undefined
  readonly samples: readonly CardSample[]
  /** Options of the run, in the order shown: `learning rate` → `0.0001`. */
  readonly settings: readonly (readonly [name: string, value: string])[]
  /** What the run measured: `final loss` → `0.093`. */
  readonly figures?: readonly (readonly [name: string, value: string])[] | undefined
  /** The author's own words, in Markdown. */
  readonly description?: string | undefined
  /** LoRA only: name of the file with kohya's keys. */
  readonly kohyaFile?: string | undefined
}

const baseTags: Readonly<Record<ModelFamily, readonly string[]>> = {
  sd1: ["stable-diffusion", "stable-diffusion-diffusers"],
  sd2: ["stable-diffusion", "stable-diffusion-diffusers"],
  sdxl: ["stable-diffusion-xl", "stable-diffusion-xl-diffusers"],
  starter: ["stable-diffusion", "stable-diffusion-diffusers"],
}

function frontMatter(card: ModelCard): FrontMatter {
  const { method, family, licence, baseModel, instancePrompt, dataset, samples } = card
  const lora = method === "lora"
  return {
    ...licence,
    library_name: "diffusers",
    pipeline_tag: "text-to-image",
    base_model: baseModel?.id,
    base_model_relation: baseModel && (lora ? "adapter" : "finetune"),
    instance_prompt: instancePrompt,
    inference: true,
    datasets: dataset === undefined ? undefined : [dataset],
    tags: [
      "text-to-image",
      "diffusers",
      "dreambooth",
      "diffusers-training",
      ...baseTags[family],
      ...(lora ? ["lora", "template:sd-lora"] : []),
      "fjord",
    ],
    widget:
      samples.length === 0
        ? undefined
        : samples.map(({ prompt, negativePrompt, image }) => ({
            text: prompt,
            ...(negativePrompt && { parameters: { negative_prompt: negativePrompt } }),
            output: { url: image },
          })),
  }
}

function introduction({ method, baseModel, instancePrompt, dataset }: ModelCard): string {
  const what = method === "lora" ? "A LoRA" : "A model"
  const base = baseModel === undefined ? "" : ` for [${baseModel.id}](https://huggingface.co/${baseModel.id})`
  const made =
    method === "lora" ? `${what}${base}` : `${what} fine-tuned from${base === "" ? " Stable Diffusion" : base.slice(4)}`
  const images = dataset === undefined ? "" : ` on [${dataset}](https://huggingface.co/datasets/${dataset})`
  const trigger =
    instancePrompt === undefined ? "" : `\n\nUse ${code(instancePrompt)} in your prompt to show the subject.`
  return `${made}, trained with DreamBooth${images} in Fjord.${trigger}`
}

function diffusersSnippet({ method, id, baseModel, family, samples, instancePrompt }: ModelCard): string {
  const pipeline = family === "sdxl" ? "StableDiffusionXLPipeline" : "StableDiffusionPipeline"
  const prompt = samples[0]?.prompt ?? instancePrompt ?? "a photo"
  const loaded = method === "lora" ? (baseModel?.id ?? "path/of/the/base/model") : id
  return `\`\`\`python
import torch
from diffusers import ${pipeline}

device, dtype = ("cuda", torch.float16) if torch.cuda.is_available() else ("cpu", torch.float32)
pipeline = ${pipeline}.from_pretrained(${pythonString(loaded)}, torch_dtype=dtype).to(device)
${method === "lora" ? `pipeline.load_lora_weights(${pythonString(id)}, weight_name="pytorch_lora_weights.safetensors")\n` : ""}image = pipeline(${pythonString(prompt)}).images[0]
image.save("image.png")
\`\`\``
}

function fjordSnippet({ method, id, baseModel, samples, instancePrompt }: ModelCard): string {
  const prompt = shellWord(samples[0]?.prompt ?? instancePrompt ?? "a photo")
  const model = method === "full" ? id : `${baseModel?.id ?? "path/of/the/base/model"} --lora ${id}`
  return `\`\`\`
fjord generate --model ${model} --prompt ${prompt} --out images
\`\`\``
}

function body(card: ModelCard): string {
  const { title, samples, description, kohyaFile, settings, figures = [], baseModel, licence } = card
  const revision = baseModel?.revision
  const rows: (readonly [string, string])[] = [
    ...(baseModel ? [["base model", cellCode(baseModel.id)] as const] : []),
    ...(revision ? [["revision of the base", cellCode(revision)] as const] : []),
    ...settings.map(([name, value]) => [plain(name), cellCode(value)] as const),
  ]
  const parts = [
    `# ${plain(title)}`,
    samples.length > 0 ? "<Gallery />" : "",
    description?.trim() || introduction(card),
    "## How to use it",
    "With [diffusers](https://huggingface.co/docs/diffusers):",
    diffusersSnippet(card),
    "With Fjord:",
    fjordSnippet(card),
    kohyaFile === undefined ? "" : `With ComfyUI and A1111: put ${code(kohyaFile)} into the folder of LoRAs.`,
    samples.length === 0
      ? ""
      : `## Prompts of the pictures\n\n${samples.map(({ prompt }) => `- ${code(prompt)}`).join("\n")}`,
    rows.length === 0 ? "" : `## How it was trained\n\n${table(["setting", "value"], rows)}`,
    figures.length === 0
      ? ""
      : table(
          ["figure", "value"],
          figures.map(([name, value]) => [plain(name), cellCode(value)]),
        ),
    "## Licence and limits",
    `${licenceSentence(licence)} It shows what its few training pictures showed; faces, hands, lettering and unusual poses may fail.`,
  ]
  return parts.filter((part) => part !== "").join("\n\n")
}

/** The text of README.md. */
export function modelCard(card: ModelCard): string {
  return composeFrontMatter(frontMatter(card), body(card))
}

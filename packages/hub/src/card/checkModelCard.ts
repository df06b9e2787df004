/** Whether the Hub will understand a model's README.md: what is wrong, said field by field. */

import { z } from "zod"
import { HubError } from "../hubError.ts"
import { isRepositoryId, isSafePath } from "../repositoryName.ts"
import { parseFrontMatter } from "./frontMatter.ts"

export type CardIssue = {
  /** An error would break something on the Hub; a warning only loses something. */
  readonly level: "error" | "warning"
  /** Key of the front matter, e.g. `widget.0.output.url`; empty for the whole. */
  readonly field: string
  readonly message: string
}

const licences = new Set(
  (
    "apache-2.0 mit openrail bigscience-openrail-m creativeml-openrail-m openrail++ bigcode-openrail-m afl-3.0 " +
    "artistic-2.0 bsl-1.0 bsd bsd-2-clause bsd-3-clause bsd-3-clause-clear c-uda cc cc0-1.0 cc-by-2.0 cc-by-2.5 " +
    "cc-by-3.0 cc-by-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nd-4.0 " +
    "cc-by-nc-nd-3.0 cc-by-nc-nd-4.0 cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cdla-sharing-1.0 " +
    "cdla-permissive-1.0 cdla-permissive-2.0 wtfpl ecl-2.0 epl-1.0 epl-2.0 etalab-2.0 eupl-1.1 eupl-1.2 agpl-3.0 " +
    "gfdl gpl gpl-2.0 gpl-3.0 lgpl lgpl-2.1 lgpl-3.0 isc intel-research h-research fair-noncommercial-research-license " +
    "lppl-1.3c ms-pl apple-ascl apple-amlr mpl-2.0 odc-by odbl openmdw-1.0 openmdw-1.1 ofl-1.1 osl-3.0 postgresql ncsa " +
    "unlicense zlib pddl lgpl-lr deepfloyd-if-license fsl-1.1 llama2 llama3 llama3.1 llama3.2 llama3.3 llama4 gemma grok2-community " +
    "unknown other"
  ).split(" "),
)

const repository = z.string().refine(isRepositoryId, "must be an id of the form owner/name")
const repositories = z.union(
  [repository, z.array(repository)],
  "must be an id of the form owner/name, or a list of them",
)
const text = (what: string) => z.string(`must be ${what}`)

function isImageAddress(address: string): boolean {
  if (/^https:\/\//i.test(address)) return URL.canParse(address)
  return isSafePath(address.replace(/^\.\//, ""))
}

const card = z.looseObject({
  license: text("a licence identifier, e.g. creativeml-openrail-m").refine(
    (id) => licences.has(id.toLowerCase()),
    "is not one of the Hub's identifiers; use other, with license_name and license_link",
  ),
  license_name: text("a short name").optional(),
  license_link: text("an address").optional(),
  library_name: text("the name of a library").optional(),
  pipeline_tag: z.literal("text-to-image", "must be text-to-image for a model of images").optional(),
  base_model: repositories.optional(),
  base_model_relation: z
    .enum(["adapter", "finetune", "merge", "quantized"], "must be adapter, finetune, merge or quantized")
    .optional(),
  instance_prompt: text("a prompt in quotes").nullable().optional(),
  inference: z.unknown().optional(),
  datasets: z.array(z.string(), "must be a list of data set ids").optional(),
  language: z.unknown().optional(),
  tags: z.array(z.string(), "must be a list of words").optional(),
  widget: z
    .array(
      z.looseObject({
        text: text("the prompt, in quotes").optional(),
        output: z
          .looseObject({
            url: z
              .string()
              .refine(isImageAddress, "must be the path of an image in the repository, or an https address"),
          })
          .optional(),
      }),
      "must be a list of prompts with images",
    )
    .optional(),
})

function advice(data: z.infer<typeof card>, body: string): CardIssue[] {
  const warnings: CardIssue[] = []
  const warn = (field: string, message: string) => warnings.push({ level: "warning", field, message })
  const lost = (field: string, why: string) => warn(field, `is missing, so ${why}`)
  if (data.license === "other" && (data.license_name === undefined || data.license_link === undefined))
    lost("license_name", "nobody can tell which licence `other` is; give license_name and license_link")
  if (data.library_name === undefined) lost("library_name", "the Hub shows no snippet; write library_name: diffusers")
  if (data.pipeline_tag === undefined) lost("pipeline_tag", "the model is not found among text-to-image models")
  if (data.base_model === undefined) lost("base_model", "the Hub does not link the model to its base")
  else if (data.base_model_relation === undefined)
    lost("base_model_relation", "the Hub guesses how it came from its base")
  const pictures = data.widget?.some(({ output }) => output !== undefined) === true
  if (pictures && !/<Gallery\s*\/>/.test(body))
    warn("", "The text has no <Gallery />, so the pictures of widget are not shown.")
  if (body.trim() === "") warn("", "The card has no text; say what the model shows and how it was made.")
  return warnings
}

/** @returns nothing for a card that is right */
export function checkModelCard(source: string): CardIssue[] {
  let parsed: ReturnType<typeof parseFrontMatter>
  try {
    parsed = parseFrontMatter(source)
  } catch (error) {
    if (!(error instanceof HubError)) throw error
    return [{ level: "error", field: "", message: error.message }]
  }
  const result = card.safeParse(parsed.data)
  if (result.success) return advice(result.data, parsed.body)
  return result.error.issues.map(({ path, message }) => {
    const field = path.join(".")
    const missing = path.length === 1 && !(String(path[0]) in parsed.data)
    return { level: "error", field, message: missing ? "is missing" : message }
  })
}

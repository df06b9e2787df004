/** Which licence a fine-tuned model carries: the conditions of its base go with it. */

/** Kind of base model, where the base's own card says nothing. */
export type ModelFamily = "sd1" | "sd2" | "sdxl" | "starter"

export type Licence = {
  /** Identifier as the Hub lists it; `other` with a name and a link for the rest. */
  readonly license: string
  readonly license_name?: string | undefined
  readonly license_link?: string | undefined
}

type KnownLicence = Licence & { readonly title: string; readonly link: string; readonly restricted: boolean }

/** Licences that base models have, and whether they restrict what the model may be used for. */
const known: readonly KnownLicence[] = [
  {
    license: "creativeml-openrail-m",
    title: "CreativeML Open RAIL-M",
    link: "https://huggingface.co/spaces/CompVis/stable-diffusion-license",
    restricted: true,
  },
  {
    license: "openrail++",
    title: "CreativeML Open RAIL++-M",
    link: "https://huggingface.co/stabilityai/stable-diffusion-xl-base-1.0/blob/main/LICENSE.md",
    restricted: true,
  },
  { license: "openrail", title: "Open RAIL", link: "https://huggingface.co/blog/open_rail", restricted: true },
  {
    license: "apache-2.0",
    title: "Apache 2.0",
    link: "https://www.apache.org/licenses/LICENSE-2.0",
    restricted: false,
  },
  { license: "mit", title: "MIT", link: "https://opensource.org/license/mit", restricted: false },
]

const ofFamily: Readonly<Record<ModelFamily, string>> = {
  sd1: "creativeml-openrail-m",
  sd2: "openrail++",
  sdxl: "openrail++",
  starter: "apache-2.0",
}

/** Ids under which the families are published, in case a copy's card names no licence. */
const families: readonly (readonly [ModelFamily, RegExp])[] = [
  ["sdxl", /(?:stable-diffusion-xl|sdxl)/i],
  ["sd2", /stable-diffusion-2/i],
  ["sd1", /(?:stable-diffusion-v1|stable-diffusion-v-1|\bsd-?v?1)/i],
]

/** The family that an id is commonly known for. */
export function familyOf(id: string): ModelFamily | undefined {
  return families.find(([, pattern]) => pattern.test(id))?.[0]
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null
}

/**
 * The licence of what was made from a base model: the one on the base's card, or else its family's.
 * @param baseCard front matter of the base model's card
 */
export function derivedLicence(family: ModelFamily, baseCard?: unknown): Licence {
  const card = isRecord(baseCard) ? baseCard : {}
  const { license, license_name: name, license_link: link } = card
  if (typeof license !== "string" || license === "unknown") return { license: ofFamily[family] }
  return {
    license,
    ...(typeof name === "string" && { license_name: name }),
    ...(typeof link === "string" && { license_link: link }),
  }
}

/** What a card says about a licence, in Markdown. */
export function licenceSentence({ license, license_name: name, license_link: link }: Licence): string {
  const found = known.find((candidate) => candidate.license === license)
  const title = found?.title ?? name ?? license
  const address = link ?? found?.link
  const text = address === undefined ? title : `[${title}](${address})`
  const restrictions = found?.restricted === true ? ", and its use restrictions apply to this model too" : ""
  return `The base model is under ${text}, so is this model${restrictions}.`
}

/** README.md of a data set of images, with the front matter from which `load_dataset` and the Hub's viewer work. */

import { z } from "zod"
import { composeFrontMatter, type FrontMatter, parseFrontMatter } from "../card/frontMatter.ts"

export type DatasetDescription = {
  readonly id: string
  readonly split: string
  readonly images: number
  readonly captioned: boolean
  /** Bytes of the pictures and texts. */
  readonly bytes: number
  /** Bytes of the parquet files, those of the other splits included. */
  readonly fileBytes: number
  /** Identifier as the Hub lists it, e.g. cc-by-4.0. */
  readonly license?: string | undefined
}

const sizes: readonly (readonly [below: number, category: string])[] = [
  [1_000, "n<1K"],
  [10_000, "1K<n<10K"],
  [100_000, "10K<n<100K"],
  [1_000_000, "100K<n<1M"],
]

const splitEntry = z.looseObject({ split: z.string() })
const namedEntry = z.looseObject({ name: z.string() })

/** The entries that a list in front matter has for other splits than this. */
function otherSplits(list: unknown, key: "split" | "name", split: string): unknown[] {
  const schema = key === "split" ? splitEntry : namedEntry
  return (Array.isArray(list) ? list : []).filter((entry) => {
    const parsed = schema.safeParse(entry)
    return parsed.success && parsed.data[key] !== split
  })
}

const sized = z.looseObject({ num_bytes: z.number() })

function bytesOf(split: unknown): number {
  const parsed = sized.safeParse(split)
  return parsed.success ? parsed.data.num_bytes : 0
}

const featured = z.looseObject({
  features: z.array(z.looseObject({ name: z.string() })),
  splits: z.array(namedEntry),
})

/**
 * Whether the other splits that a README names have captions; undefined where there are none. All splits of a data set
 * must have the same columns, or `load_dataset` refuses it.
 */
export function otherSplitsCaptioned(readme: string | undefined, split: string): boolean | undefined {
  const info = featured.safeParse(readme === undefined ? undefined : parseFrontMatter(readme).data.dataset_info)
  if (!info.success || info.data.splits.every(({ name }) => name === split)) return undefined
  return info.data.features.some(({ name }) => name === "text")
}

function body({ id, images, captioned, split }: DatasetDescription): string {
  const name = id.split("/").at(-1) ?? id
  return `# ${name}

${images} ${images === 1 ? "picture" : "pictures"}${captioned ? " with captions" : ""}, made for DreamBooth fine-tuning with Fjord.

| column | what it holds |
| --- | --- |
| \`image\` | the picture, byte for byte as it was |
${captioned ? "| `text` | its caption |\n" : ""}
## How to use it

\`\`\`python
from datasets import load_dataset

images = load_dataset("${id}", split="${split}")
\`\`\`

\`\`\`
fjord pull dataset ${id} --out pictures
\`\`\`
`
}

/**
 * The card for what is pushed now. Of the README.md that the repository has, the body and all other keys and splits
 * are kept.
 */
export function datasetCard(description: DatasetDescription, existing: string | undefined): string {
  const { split, images, captioned, bytes, fileBytes, license } = description
  const before: { data: FrontMatter; body: string } =
    existing === undefined ? { data: {}, body: "" } : parseFrontMatter(existing)
  const info = z.looseObject({ splits: z.unknown().optional() }).safeParse(before.data.dataset_info)
  const config = z
    .looseObject({ data_files: z.unknown().optional() })
    .safeParse(Array.isArray(before.data.configs) ? before.data.configs[0] : undefined)
  const category = sizes.find(([below]) => images < below)?.[1] ?? "n>1M"
  const others = otherSplits(info.success ? info.data.splits : undefined, "name", split)
  const features = [{ name: "image", dtype: "image" }, ...(captioned ? [{ name: "text", dtype: "string" }] : [])]
  const data: FrontMatter = {
    ...(license === undefined ? {} : { license }),
    task_categories: ["text-to-image"],
    size_categories: [category],
    tags: ["dreambooth", "fjord"],
    ...before.data,
    dataset_info: {
      features,
      splits: [...others, { name: split, num_bytes: bytes, num_examples: images }],
      download_size: fileBytes,
      dataset_size: others.reduce<number>((sum, other) => sum + bytesOf(other), bytes),
    },
    configs: [
      {
        config_name: "default",
        data_files: [
          ...otherSplits(config.success ? config.data.data_files : undefined, "split", split),
          { split, path: `data/${split}-*` },
        ],
      },
    ],
  }
  return composeFrontMatter(data, before.body.trim() === "" ? body(description) : before.body)
}

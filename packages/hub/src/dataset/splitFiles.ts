/** Which files of a data set's repository belong to a split: by its README's configs, or else by their names. */

import { z } from "zod"
import { parseFrontMatter } from "../card/frontMatter.ts"
import { HubError } from "../hubError.ts"
import { globMatcher } from "./glob.ts"

const pathOrPaths = z.union([z.string(), z.array(z.string())])
const configs = z.array(
  z.looseObject({
    config_name: z.string().default("default"),
    data_files: z.union([pathOrPaths, z.array(z.looseObject({ split: z.string(), path: pathOrPaths }))]).optional(),
    data_dir: z.string().optional(),
    default: z.boolean().optional(),
  }),
)

/** Words that say to which split a file or folder belongs, as Python's `datasets` knows them. */
const splitWords: Readonly<Record<string, readonly string[]>> = {
  train: ["train", "training"],
  validation: ["validation", "valid", "val", "dev"],
  test: ["test", "testing", "eval", "evaluation"],
}

function matching(paths: readonly string[], globs: readonly string[]): string[] {
  const matchers = globs.map(globMatcher)
  return paths.filter((path) => matchers.some((matches) => matches(path)))
}

function list(value: string | readonly string[]): readonly string[] {
  return typeof value === "string" ? [value] : value
}

/** The split that a path names, if any. */
function splitNamed(path: string): string | undefined {
  const words = path.toLowerCase().split(/[^a-z]+/)
  return Object.keys(splitWords).find((split) => splitWords[split]?.some((word) => words.includes(word)))
}

function byNames(id: string, paths: readonly string[], split: string): readonly string[] {
  const files = paths.filter((path) => !/(?:^|\/)(?:README\.md|LICENSE[^/]*|\.[^/]*)$/i.test(path))
  const named = files.filter((path) => splitNamed(path) === split || path.split("/").includes(split))
  if (named.length > 0) return named
  const others = [...new Set(files.map(splitNamed).filter((name) => name !== undefined))]
  if (others.length === 0 && split === "train") return files
  throw new HubError("notFound", `${id} has no split ${split}; it has ${others.join(", ") || "train"}.`)
}

/**
 * @param readme text of README.md, undefined where there is none
 * @throws HubError for a split or configuration that is not there
 */
export function splitFiles(
  id: string,
  paths: readonly string[],
  readme: string | undefined,
  { split, config }: { readonly split: string; readonly config?: string | undefined },
): readonly string[] {
  const front = readme === undefined ? {} : parseFrontMatter(readme).data
  const parsed = configs.safeParse(front.configs)
  const declared = parsed.success ? parsed.data : []
  const chosen =
    config === undefined
      ? (declared.find((entry) => entry.default === true || entry.config_name === "default") ?? declared[0])
      : declared.find(({ config_name }) => config_name === config)
  if (chosen === undefined) {
    if (config === undefined) return byNames(id, paths, split)
    const names = declared.map(({ config_name }) => config_name).join(", ")
    throw new HubError("notFound", `${id} has no configuration ${config}${names === "" ? "" : `; it has ${names}`}.`)
  }
  const inside = chosen.data_dir === undefined ? paths : paths.filter((path) => path.startsWith(`${chosen.data_dir}/`))
  const { data_files: dataFiles } = chosen
  if (dataFiles === undefined) return byNames(id, inside, split)
  if (typeof dataFiles === "string") return byNames(id, matching(paths, [dataFiles]), split)
  const globs: string[] = []
  const splits: string[] = []
  for (const entry of dataFiles) {
    if (typeof entry === "string") globs.push(entry)
    else {
      splits.push(entry.split)
      if (entry.split === split) globs.push(...list(entry.path))
    }
  }
  if (splits.length === 0) return byNames(id, matching(paths, globs), split)
  if (globs.length === 0) throw new HubError("notFound", `${id} has no split ${split}; it has ${splits.join(", ")}.`)
  return matching(paths, globs)
}

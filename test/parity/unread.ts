import { readdir } from "node:fs/promises"
import type { ParitySection } from "./case.ts"

/** What the sections read, and what lies beside it for people. */
const known = new Set([
  "README.md",
  "manifest.json",
  "tolerance_fp32_vs_fp64.json",
  "pipelines",
  "forward",
  "schedulers",
  "rng",
  "tokenizer_full",
  "tokenizer_ids",
  "e2e",
  "training",
  "adamw8bit",
])

/** Parts of the reference data that no section reads, named so that nobody takes them for compared. */
export const unread: ParitySection = async function* (directory) {
  for (const name of (await readdir(directory)).sort())
    if (!known.has(name)) yield { name, skipped: "no section reads it" }
}

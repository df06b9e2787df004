/** Putting people's words into Markdown and into snippets without changing what surrounds them. */

/** Text in a line or heading. */
export function plain(text: string): string {
  return text
    .replaceAll(/\s+/g, " ")
    .trim()
    .replaceAll(/[\\`*_[\]<>#|]/g, "\\$&")
}

/** A code span, whatever backticks are inside. */
export function code(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim()
  const runs = [...line.matchAll(/`+/g)].map(([run]) => run.length)
  const ticks = "`".repeat(Math.max(0, ...runs) + 1)
  const pad = line.startsWith("`") || line.endsWith("`") ? " " : ""
  return `${ticks}${pad}${line}${pad}${ticks}`
}

/** A code span in a table cell, where a bar would end the cell. */
export function cellCode(text: string): string {
  return code(text).replaceAll("|", "\\|")
}

export function table(head: readonly [string, string], rows: readonly (readonly [string, string])[]): string {
  return [head, ["---", "---"], ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n")
}

/** A string literal that Python reads as the same text. */
export function pythonString(text: string): string {
  return JSON.stringify(text.normalize())
}

/** One word of a shell command. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

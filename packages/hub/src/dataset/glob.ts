/** Patterns of paths in a data set's README, matched without going back: a stranger's pattern cannot take for ever. */

/** `one` takes one character, `star` any within a folder, `deep` any, `folders` nothing or whole folders. */
type Token =
  | { readonly kind: "star" | "deep" | "folders" }
  | { readonly kind: "one"; readonly takes: (char: string) => boolean }

function classToken(body: string): Token {
  const negated = /^[!^]/.test(body)
  const ranges = [...body.slice(negated ? 1 : 0).matchAll(/([\s\S])-([\s\S])|[\s\S]/g)]
  const inside = (char: string) =>
    ranges.some(([single, first, last]) =>
      first === undefined || last === undefined ? char === single : first <= char && char <= last,
    )
  return { kind: "one", takes: (char) => char !== "/" && inside(char) !== negated }
}

function tokensOf(glob: string): Token[] {
  const source = glob.replace(/^\.?\//, "")
  return [...source.matchAll(/\*\*\/|\*\*|\*|\?|\[[!^]?[^\]]+\]|[\s\S]/gu)].map(([sign]): Token => {
    if (sign === "**/") return { kind: "folders" }
    if (sign === "**") return { kind: "deep" }
    if (sign === "*") return { kind: "star" }
    if (sign === "?") return { kind: "one", takes: (char) => char !== "/" }
    if (sign.length > 2) return classToken(sign.slice(1, -1))
    return { kind: "one", takes: (char) => char === sign }
  })
}

/** `*` and `?` within a folder, `**` across folders, `[abc]`, `[a-z]`, `[!abc]`. @returns whether a path fits */
export function globMatcher(glob: string): (path: string) => boolean {
  const tokens = tokensOf(glob)
  // Places in the pattern: 2 i before token i, 2 i + 1 inside the folders of token i.
  const enter = (places: Set<number>, at: number): void => {
    places.add(2 * at)
    const kind = tokens[at]?.kind
    if (kind !== undefined && kind !== "one") enter(places, at + 1)
  }
  return (path) => {
    let places = new Set<number>()
    enter(places, 0)
    for (const char of path) {
      const next = new Set<number>()
      for (const place of places) {
        const at = place >> 1
        const token = tokens[at]
        if (token?.kind === "one" && token.takes(char)) enter(next, at + 1)
        if (token?.kind === "deep" || (token?.kind === "star" && char !== "/")) enter(next, at)
        if (token?.kind === "folders") {
          next.add(2 * at + 1)
          if (char === "/") enter(next, at + 1)
        }
      }
      places = next
    }
    return places.has(2 * tokens.length)
  }
}

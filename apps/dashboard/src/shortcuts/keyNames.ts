/** Keys as the keyboard in front of the person calls them. */

const isMac = typeof navigator !== "undefined" && /^(Mac|iP)/.test(navigator.platform)

const names: Record<string, string> = {
  mod: isMac ? "⌘" : "Ctrl",
  Enter: "↵",
  ArrowLeft: "←",
  ArrowRight: "→",
}

/** @param keys as registered: "mod+k", "g r". @returns one name per key. */
export const keyNames = (keys: string): string[] =>
  keys.split(/[ +]/).map((key) => names[key] ?? (key.length === 1 ? key.toUpperCase() : key))

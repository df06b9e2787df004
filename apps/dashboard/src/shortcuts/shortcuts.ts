/** Every key that does something, in one list: the help dialog reads it, the listener acts on it. */

export type Shortcut = {
  /** "/", "?", "p", with ⌘ or Ctrl "mod+k", or two keys in a row: "g r". */
  keys: string
  label: string
  group: string
  run: () => void
}

const active = new Map<string, Shortcut>()
const listeners = new Set<() => void>()
let list: readonly Shortcut[] = []

/** @returns what removes it again. The last one registered for a key wins. */
export function registerShortcut(shortcut: Shortcut): () => void {
  active.set(shortcut.keys, shortcut)
  announce()
  return () => {
    if (active.get(shortcut.keys) === shortcut) active.delete(shortcut.keys)
    announce()
  }
}

function announce() {
  list = [...active.values()]
  for (const listener of listeners) listener()
}

export const listShortcuts = (): readonly Shortcut[] => list

export function onShortcutsChanged(listener: () => void): () => void {
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
  }
}

/** How long the second key of a pair may take. */
const pairMs = 900

/** Turns key presses into shortcuts. @returns a function to feed with each key; it says whether something ran. */
export function readKeys(find: (keys: string) => Shortcut | undefined, now: () => number): (key: string) => boolean {
  let first: { key: string; at: number } | undefined
  return (key) => {
    const pair = first !== undefined && now() - first.at <= pairMs ? find(`${first.key} ${key}`) : undefined
    first = undefined
    const shortcut = pair ?? find(key)
    if (shortcut === undefined) {
      first = { key, at: now() }
      return false
    }
    shortcut.run()
    return true
  }
}

export const findShortcut = (keys: string): Shortcut | undefined => active.get(keys)
